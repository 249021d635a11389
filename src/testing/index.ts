export { type MemoryStorage, memoryStorage } from "../storage/memory-storage.js";
export type { ContractRule } from "./contract.js";
export {
  accept,
  type FakeBehaviour,
  type FakeIo,
  type FakeLink,
  type FakeLogEntry,
  fakeIo,
  hang,
  kick,
  refuse,
  unreachable,
} from "./fake-io.js";
export { type SimulatedClock, simulatedClock } from "./simulated-clock.js";
export { type StorageHarness, storageContract } from "./storage-contract.js";
