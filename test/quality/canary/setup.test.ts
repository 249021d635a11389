import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { createConnection, memoryStorage } from "socket-rotor";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { assign, createActor, createMachine } from "xstate";
import { ConnectionError } from "../../../src/errors.js";
import { createLog } from "../../../src/logger.js";
import { keep, plant, takeLeaks } from "./record.js";
import { type CanaryServer, canaryServer } from "./server.js";
import { keepDefinition } from "./setup-client.js";

// The canary that watches over every test, watched in turn: here tokens are let out on purpose.

const token = "a-token-that-nobody-may-see";

/** The ways on which the token was found, which are forgotten then. */
function ways(): string[] {
  const found = takeLeaks().map((path) => path.split(".")[1] ?? "");
  return [...new Set(found)].sort();
}

let server: CanaryServer;
beforeEach(async () => {
  server = await canaryServer();
  plant(token);
});
afterEach(() => server.close());

function connect() {
  const connection = createConnection({ url: server.url, storage: memoryStorage(token), logger: {} });
  onTestFinished(() => connection.dispose());
  return connection;
}

test("what leaves by no way is not found, nor eleven characters", async () => {
  const connection = connect();
  await connection.whenConnected();
  keep("somewhere", "a-token-tha", { text: "nobody-may" });
  expect(ways()).toEqual([]);
});

test("twelve characters of a log line are found", () => {
  createLog({}).info("about a-token-that");
  expect(ways()).toEqual(["log"]);
});

test("the console is overheard, a spy or not", () => {
  const info = vi.spyOn(console, "info").mockReturnValue();
  onTestFinished(() => info.mockRestore());
  console.info("signed in:", { deep: [{ token }] });
  expect(info).toHaveBeenCalledOnce();
  expect(ways()).toEqual(["console"]);
});

test("so are an error's words, its cause and its data", () => {
  const plain = () => new ConnectionError("ERR_REFUSED", "refused");
  const all = [
    () => new ConnectionError("ERR_REFUSED", token),
    () => new ConnectionError("ERR_REFUSED", "refused", { cause: new Error(token) }),
    () => new ConnectionError("ERR_REFUSED", "refused", { data: { deep: [token] } }),
  ];
  for (const make of all) {
    expect(make()).toBeInstanceOf(ConnectionError);
    expect(ways()).toEqual(["errors"]);
  }
  expect(plain()).toBeInstanceOf(Error);
  expect(ways()).toEqual([]);
});

test("events, contexts and saved states of every actor are looked at", () => {
  const machine = createMachine({
    id: "connection",
    context: { kept: "" },
    on: { tell: {}, keep: { actions: assign({ kept: ({ event }) => event["what"] }) } },
  });
  const actor = createActor(machine).start();
  actor.send({ type: "tell", what: token });
  expect(ways()).toEqual(["events"]);
  actor.send({ type: "keep", what: token });
  expect(ways()).toEqual(["context", "events"]);
  const saved = createActor(machine, { snapshot: actor.getPersistedSnapshot() }).start();
  for (const each of [actor, saved]) each.stop();
  expect(ways()).toContain("persisted snapshots");
});

test("so is what can be read of a machine", () => {
  createActor(createMachine({ id: "connection", meta: { deep: [token] } }))
    .start()
    .stop();
  keepDefinition();
  expect(ways()).toEqual(["definition"]);
});

test("what the application's sockets hear and say is looked at on both sides", async () => {
  const { socket } = connect();
  await socket.emitWithAck("save", token);
  expect(ways()).toEqual(["onAny of the server", "onAnyOutgoing of the client"]);
  const told = new Promise((resolve) => socket.once("told", resolve));
  server.tell(token);
  await told;
  expect(ways()).toEqual(["onAny of the client", "onAnyOutgoing of the server"]);
});

test("addresses are looked at, of requests and of handshakes", async () => {
  const [response] = await once(get(`${server.url}/socket.io/?token=${token}`), "response");
  response.resume();
  expect(ways()).toEqual(["addresses"]);
});

test("what a child process prints is overheard, and is still there to be read", async () => {
  const child = spawn(process.execPath, ["-p", JSON.stringify(token)]);
  const printed = await child.stdout.toArray();
  expect(Buffer.concat(printed).toString()).toBe(`${token}\n`);
  expect(ways()).toEqual(["output of a process"]);
});
