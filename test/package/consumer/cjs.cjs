// The same application in CommonJS.
const assert = require("node:assert/strict");
const { inspect: inspectText } = require("node:util");
const rotor = require("socket-rotor");
const inspect = require("socket-rotor/inspect");
const machines = require("socket-rotor/machines");
const server = require("socket-rotor/server");
const testing = require("socket-rotor/testing");

assert.match(require.resolve("socket-rotor"), /\.cjs$/);
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
