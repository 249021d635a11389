import { ioContract } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { brokenRules } from "./broken-rules.js";
import { fakeHarness } from "./fake-harness.js";
import { faultyIos } from "./faulty-ios.js";
import { inSimulatedTime } from "./in-simulated-time.js";

describe("fakeIo() keeps the contract:", () => {
  for (const { name, run } of ioContract(fakeHarness))
    test(name, (context) => inSimulatedTime(() => run(context)));
});

test.each(faultyIos)("an adapter that $what breaks its rules, and no other", async ({ create, breaks }) => {
  const broken = await inSimulatedTime(() => brokenRules(ioContract(create)));
  expect([...broken.keys()].sort()).toEqual([...breaks].sort());
  for (const [name, message] of broken) expect(message).toMatch(`The IO contract is broken: "${name}". `);
});

test("every rule is broken by some adapter", () => {
  const shown = new Set(faultyIos.flatMap(({ breaks }) => breaks));
  const rules = ioContract(() => expect.fail("not run")).map(({ name }) => name);
  expect(rules.filter((name) => !shown.has(name))).toEqual([]);
});
