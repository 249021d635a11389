export { type MemoryStorage, memoryStorage } from "../storage/memory-storage.js";
export {
  accept,
  answer,
  type FakeAnswer,
  type FakeBehaviour,
  type FakeIo,
  type FakeLink,
  type FakeLogEntry,
  type FakeServerHalf,
  fakeIo,
  hang,
  kick,
  refuse,
  unreachable,
} from "./fake-io.js";
export { type SimulatedClock, simulatedClock } from "./simulated-clock.js";
