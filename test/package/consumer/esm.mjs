// An application in ES modules. The peers come first: what they do at import is theirs.
import assert from "node:assert/strict";
import { inspect as inspectText } from "node:util";
import "socket.io-client";
import "xstate";

const rotor = await import("socket-rotor");
const inspect = await import("socket-rotor/inspect");
const machines = await import("socket-rotor/machines");
const server = await import("socket-rotor/server");
const testing = await import("socket-rotor/testing");

assert.equal(typeof rotor.createConnection, "function");
assert.equal(typeof machines.connectionMachine.transition, "function");
assert.equal(typeof inspect.redact, "function");
assert.equal(typeof server.authenticateToken, "function");
assert.equal(rotor.memoryStorage, testing.memoryStorage, "one copy of the code serves all entries");

for (const [name, made] of Object.entries({
  ConnectionError: new rotor.ConnectionError("ERR_DISPOSED", "over"),
  TokenError: new server.TokenError("access_denied", "no"),
})) {
  assert.deepEqual([made.name, made.constructor.name, inspectText(made).split(":")[0]], [name, name, name]);
}
