import { describe, expect, test } from "vitest";
import { placeOf } from "../../../src/server/thrown.js";

/** An error with the stack that V8 would have written. */
function errorWith(message: string, frames: readonly string[]): Error {
  const error = new TypeError(message);
  error.stack = [`TypeError${message === "" ? "" : `: ${message}`}`, ...frames].join("\n");
  return error;
}

describe("the place of an error", () => {
  test.each<[string, string[], string | undefined]>([
    ["a function", ["    at isSignedIn (/app/server.js:3:5)"], "/app/server.js:3"],
    ["no function", ["    at /app/server.js:3:5"], "/app/server.js:3"],
    ["a module", ["    at async fn (file:///app/server.mjs:30:15)"], "file:///app/server.mjs:30"],
    ["a path with brackets", ["    at fn (/app/(a b)/server.js:3:5)"], "/app/(a b)/server.js:3"],
    ["Windows", ["    at fn (C:\\app\\server.js:3:5)"], "C:\\app\\server.js:3"],
    ["the engine", ["    at JSON.parse (<anonymous>)", "    at fn (/app/a.js:1:2)"], "/app/a.js:1"],
    ["Node", ["    at node:internal/x:1:2", "    at f (node:fs:1:2)", "    at /app/a.js:1:2"], "/app/a.js:1"],
    ["nothing", [], undefined],
  ])("of %s is the file and the line", (_, frames, place) => {
    expect(placeOf(errorWith("no user", frames))).toBe(place);
    expect(placeOf(errorWith("", frames))).toBe(place);
  });

  test("is never what the message looks like", () => {
    const claim = "alice\n    at claim (/claim.js:1:2)";
    expect(placeOf(errorWith(claim, ["    at fn (/app/a.js:3:4)"]))).toBe("/app/a.js:3");
    // Where the message is another one than it was, it cannot be told from the frames.
    const changed = errorWith(claim, ["    at fn (/app/a.js:3:4)"]);
    changed.message = "changed";
    expect(placeOf(changed)).toBeUndefined();
  });

  test("is not there for what has no stack", () => {
    expect([placeOf("alice"), placeOf(undefined), placeOf({ stack: "x" })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
