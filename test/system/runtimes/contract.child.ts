// Runs the contracts in node:test, for a storage that keeps the contract, one that does not, and the fake IO adapter.
import test from "node:test";
import { memoryStorage } from "../../../src/index.js";
import { ioContract, storageContract } from "../../../src/testing/index.js";
import { fakeHarness } from "../../unit/testing/fake-harness.js";

for (const { name, run } of storageContract(() => {
  const adapter = memoryStorage();
  return { adapter, set: (token) => adapter.write(token) };
})) {
  test(`storage: ${name}`, run);
}
for (const { name, run } of ioContract(fakeHarness)) test(`io: ${name}`, run);

const [, broken] = storageContract(() => {
  const adapter = memoryStorage();
  return {
    adapter: { ...adapter, read: () => adapter.read() ?? "nobody" },
    set: (token) => adapter.write(token),
  };
});
if (broken) test(`broken: ${broken.name}`, broken.run);
