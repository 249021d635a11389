export { type MemoryStorage, memoryStorage } from "../storage/memory-storage.js";
