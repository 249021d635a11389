// Node gets the build with every word; the one for a browser in production may be loaded beside it, as by a test runner
// that simulates a browser. What crosses from one to the other has to work: errors, the actor, and the machine.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as full from "socket-rotor";
import { explain } from "socket-rotor/inspect";
import * as machines from "socket-rotor/machines";
import { createActor, transition } from "xstate";

const require = createRequire(import.meta.url);
const builds = { full, "full, CommonJS": require("socket-rotor") };
for (const format of ["js", "cjs"]) {
  const at = new URL(`node_modules/socket-rotor/dist/lean/index.${format}`, import.meta.url);
  builds[`lean, ${format}`] = format === "js" ? await import(at) : require(at.pathname);
}
const described = (machine) => JSON.stringify(machine.config).includes('"description"');
assert.ok(described(machines.connectionMachine), "Node gets the descriptions");

const settings = () => ({
  url: "https://api.example.com",
  storage: full.memoryStorage(),
  logger: {},
});

for (const [name, build] of Object.entries(builds)) {
  const isLean = name.startsWith("lean");

  const refusalOf = (options) => {
    try {
      build.createConnection({ ...settings(), autoConnect: false, ...options }).dispose();
    } catch (error) {
      return error;
    }
    return undefined;
  };
  // The spelling is checked for development; what would leak a token, or ask a server too often, in every build.
  const misspelt = refusalOf({ retries: 3 });
  if (isLean) assert.equal(misspelt, undefined, name);
  else assert.match(misspelt.message, /"retries"/, name);
  for (const options of [
    { url: "https://api.example.com/?token=x" },
    { url: "https://api.example.com/rotor" },
    { timeout: 0 },
    { reconnectionDelay: Number.NaN },
    { socketOptions: { query: {} } },
  ])
    assert.equal(refusalOf(options)?.code, "ERR_INVALID_OPTION", `${name}: ${JSON.stringify(options)}`);
  const thrown = refusalOf({ url: undefined });
  assert.match(thrown.message, isLean ? /^ERR_INVALID_OPTION: see docs\/errors\.md/ : /"url"/, name);
  for (const { isConnectionError } of Object.values(builds)) {
    assert.ok(isConnectionError(thrown, "ERR_INVALID_OPTION"), `an error of ${name} is one of every build`);
    assert.ok(!isConnectionError(thrown, "ERR_DISPOSED"));
  }

  const connection = build.createConnection(settings());
  const { actor } = connection;
  assert.ok(actor.getSnapshot().matches({ loggedOut: "signedOut" }), name);
  assert.equal(described(actor.logic), !isLean, name);
  const event = { type: "token.changed", version: 1, isOtherUser: false };
  const [next] = transition(machines.connectionMachine, actor.getSnapshot(), event);
  assert.ok(next.matches("connecting"), `the machine reads a snapshot of ${name}`);
  assert.match(explain({ from: actor.getSnapshot().value, to: next.value, event }), /signed in/);
  connection.dispose();

  const own = createActor(build.connectionLogic, { input: build.connectionInput(settings()) }).start();
  // What the parts do in a step of somebody else's actor is done soon after.
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(own.getSnapshot().matches({ loggedOut: "signedOut" }), `the logic of ${name} runs`);
  for (const { connectionOf } of Object.values(builds)) {
    assert.equal(connectionOf(own), build.connectionOf(own), `every build finds the connection of ${name}`);
  }
  own.stop();
}
