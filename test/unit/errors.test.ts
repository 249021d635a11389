import { readFileSync } from "node:fs";
import { ConnectionError, type ConnectionErrorCode, isConnectionError } from "socket-rotor";
import { expect, expectTypeOf, test } from "vitest";
import { ERROR_CODES } from "../../src/errors.js";

test("a ConnectionError is an Error with a stable code, and nothing it was not given", () => {
  const error = new ConnectionError("ERR_LOGGED_OUT", "Nobody is signed in.");
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe("ConnectionError");
  expect(String(error)).toBe("ConnectionError: Nobody is signed in.");
  expect(error.code).toBe("ERR_LOGGED_OUT");
  for (const key of ["cause", "reason", "status", "data"]) expect(key in error).toBe(false);
});

test("it carries what it was given, a cause of undefined included", () => {
  const cause = new Error("below");
  expect(
    new ConnectionError("ERR_REFUSED", "m", { cause, reason: "invalid_token", status: 401, data: { a: 1 } }),
  ).toMatchObject({
    cause,
    reason: "invalid_token",
    status: 401,
    data: { a: 1 },
  });
  expect("cause" in new ConnectionError("ERR_REFUSED", "m", { cause: undefined })).toBe(true);
});

test("isConnectionError tells ours, and one code from another", () => {
  const error = new ConnectionError("ERR_DISPOSED", "m");
  expect(isConnectionError(error)).toBe(true);
  expect(isConnectionError(error, "ERR_DISPOSED")).toBe(true);
  expect(isConnectionError(error, "ERR_LOGGED_OUT")).toBe(false);
  for (const other of [
    new Error("m"),
    { name: "ConnectionError", code: "ERR_DISPOSED" },
    Object.assign(new Error("m"), { name: "ConnectionError", code: "ELOGIN" }),
    Object.assign(new Error("m"), { name: "ConnectionError", code: 18_456 }),
    null,
    undefined,
    "ERR_DISPOSED",
  ]) {
    expect(isConnectionError(other)).toBe(false);
  }
});

test("isConnectionError narrows to the code, and an error of another code is still an error", () => {
  const narrow = (error: ConnectionError | undefined): void => {
    if (isConnectionError(error, "ERR_REFUSED")) expectTypeOf(error.code).toEqualTypeOf<"ERR_REFUSED">();
    else expectTypeOf(error).toEqualTypeOf<ConnectionError | undefined>();
    if (isConnectionError(error)) expectTypeOf(error.code).toEqualTypeOf<ConnectionErrorCode>();
    else expectTypeOf(error).toEqualTypeOf<undefined>();
  };
  narrow(new ConnectionError("ERR_DISPOSED", "m"));
});

test("isConnectionError holds for an error of another copy of the package", () => {
  const foreign = Object.assign(new Error("m"), { name: "ConnectionError", code: "ERR_DISPOSED" });
  expect(isConnectionError(foreign, "ERR_DISPOSED")).toBe(true);
});

test("every code is explained where it is declared", () => {
  const source = readFileSync(new URL("../../src/errors.ts", import.meta.url), "utf8");
  const explained = [...source.matchAll(/^ {2}"(ERR_\w+)", \/\/ \S/gm)].map(([, code]) => code);
  expect(explained).toEqual([...ERROR_CODES]);
});
