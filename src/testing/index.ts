export { type MemoryStorage, memoryStorage } from "../storage/memory-storage.js";
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
