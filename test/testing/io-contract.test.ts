import { ioContract } from "socket-rotor/testing";
import { describe, test } from "vitest";
import { fakeHarness } from "./io-harnesses.js";

describe("fakeIo() keeps the contract:", () => {
  for (const { name, run } of ioContract(fakeHarness)) test(name, run);
});
