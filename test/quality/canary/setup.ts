import { afterAll, afterEach, expect } from "vitest";
import { takeLeaks } from "./record.js";
import { keepDefinition } from "./setup-client.js";
import "./setup-server.js";
import "./setup-surroundings.js";

// The canary of the whole suite: every token that a connection of this process applies, and every credential that
// a Socket.IO server of this process is given, is looked for after each test in whatever left the library meanwhile.

const check = (): void => {
  expect(takeLeaks(), "parts of a credential that left the library").toEqual([]);
};
afterEach(check);
// What a test leaves to its end, as a connection's, comes after that.
afterAll(() => {
  keepDefinition();
  check();
});
