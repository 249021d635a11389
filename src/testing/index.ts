export { type MemoryStorage, memoryStorage } from "../credential/memory-storage.js";
export { connectionModel, type ModelCase, type ModelOptions } from "./connection-model.js";
export type { ContractRule } from "./contract.js";
export {
  type ContractServer,
  type ContractServerEntry,
  contractServer,
  REFUSED_TOKEN,
} from "./contract-server.js";
export {
  accept,
  answer,
  type FakeBehaviour,
  hang,
  kick,
  refuse,
  unreachable,
} from "./fake-behaviours.js";
export { type FakeIo, fakeIo } from "./fake-io.js";
export type {
  FakeAcknowledgement,
  FakeAnswer,
  FakeCredential,
  FakeLink,
  FakeLogEntry,
  FakeServerHalf,
} from "./fake-link.js";
export { type IoHarness, ioContract } from "./io-contract.js";
export type { ConnectionMachine } from "./model/graph.js";
export type { ModelSetup } from "./model/setups.js";
export { type SimulatedClock, simulatedClock } from "./simulated-clock.js";
export { type StorageHarness, storageContract } from "./storage-contract.js";
