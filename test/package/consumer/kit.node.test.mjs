// The testing kit in Node's own test runner.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memoryStorage } from "socket-rotor";
import { connectionModel, storageContract } from "socket-rotor/testing";

function storage() {
  const adapter = memoryStorage();
  return { adapter, set: (token) => adapter.write(token) };
}

describe("storage contract", () => {
  for (const { name, run } of storageContract(storage)) test(name, run);
});

describe("every step of the statechart", () => {
  const cases = connectionModel({ storage, setups: ["without refresh"] });
  assert.ok(cases.length > 100);
  for (const { name, run } of cases) test(name, run);
});
