// The testing kit in Vitest.
import { memoryStorage } from "socket-rotor";
import { connectionModel, storageContract } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";

function storage() {
  const adapter = memoryStorage();
  return { adapter, set: (token) => adapter.write(token) };
}

describe("storage contract", () => {
  for (const { name, run } of storageContract(storage)) test(name, run);
});

describe("every step of the statechart", () => {
  const cases = connectionModel({ storage, setups: ["without refresh"] });
  test("comes in many cases", () => expect(cases.length).toBeGreaterThan(100));
  for (const { name, run } of cases) test(name, run);
});
