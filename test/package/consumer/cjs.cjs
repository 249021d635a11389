// The same application in CommonJS.
const assert = require("node:assert/strict");
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
