import { EventEmitter } from "node:events";
import { type FoundSession, type SessionEnds, type SessionSource, TokenError } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { deferred, listenForEnd, next, refused, serverSockets } from "../../../support/real-server.js";
import { rejection } from "../../../support/rejection.js";
import { untyped } from "../../../support/untyped.js";
import { createBus } from "../cluster.js";
import { startSessions } from "./fixture.js";
import { createSessions, startSource } from "./source-fixture.js";

const ENDED = expect.objectContaining({ error: "session_ended" });
const DENIED = { error: "access_denied", error_description: "The account was closed." };
const closed = () => new TokenError("access_denied", "The account was closed.");

/** Two nodes with one source. */
async function startNodes(source: SessionSource) {
  const bus = createBus();
  const start = () =>
    startSource(source, { server: { adapter: bus.adapter }, before: (io) => io.of("/chat") });
  const [here, there] = await Promise.all([start(), start()]);
  return { bus, here, there };
}

const ways: [name: string, end: (ends: SessionEnds, error?: TokenError) => Promise<boolean>][] = [
  ["end", (ends, error) => ends.end("id 1", error)],
  ["endUser", (ends, error) => ends.endUser("alice", error)],
];

describe.each(ways)("F29 %s of a source's sessions", (name, end) => {
  test("ends them in every namespace and on every node, goodbye first, and no others", async () => {
    const { signIn, find } = createSessions();
    const { bus, here, there } = await startNodes({ find });
    const cookie = signIn("alice", { id: "id 1" });
    const visitors = [
      await here.connect(cookie, {}, ["/", "/chat"]),
      await there.connect(cookie, { transports: ["polling"] }, ["/", "/chat"]),
    ];
    await there.connect(signIn("bob"));
    const other = await there.connect(signIn("alice", { id: "id 2" }));
    expect(await end(here.ends, closed())).toBe(true);
    for (const visitor of visitors) {
      const [first, ...rest] = await visitor.end;
      expect([first, rest.length]).toEqual([DENIED, 3]);
    }
    if (name === "endUser") expect((await other.end)[0]).toEqual(DENIED);
    const left = [here, there].flatMap(({ io }) => serverSockets(io).map(({ data }) => data.identity));
    expect(left.sort()).toEqual(name === "end" ? ["alice", "bob"] : ["bob"]);
    for (const secret of ["alice", "id 1", "id 2"]) expect(bus.messages.join("\n")).not.toContain(secret);
  });

  test.each(["here", "there"] as const)("refuses a handshake that is under way, %s", async (place) => {
    const [asked, answer] = [deferred<void>(), deferred<FoundSession>()];
    const nodes = await startNodes({
      find() {
        asked.resolve();
        return answer.promise;
      },
    });
    const socket = nodes[place].client("sid=1").join("/", {});
    const refusal = refused(socket);
    await asked.promise;
    await end(nodes.here.ends);
    answer.resolve({ id: "id 1", user: "alice" });
    expect(await refusal).toEqual(ENDED);
    expect(serverSockets(nodes[place].io)).toEqual([]);
    // A later handshake was found later.
    await nodes[place].connect("sid=1");
  });
});

describe("a source that tells of ends", () => {
  test("an onEnd that calls back without the id of a session is told once, and ends nobody", async () => {
    const { find, signIn } = createSessions();
    const emitter = new EventEmitter();
    const server = await startSource({ find, onEnd: (listener) => emitter.on("end", listener) });
    const { sockets } = await server.connect(signIn("alice"));
    emitter.emit("end");
    emitter.emit("end", "");
    await expect.poll(() => server.lines.filter((line) => line.includes("onEnd"))).toHaveLength(1);
    expect(server.lines.join()).toContain("end takes the id of a session");
    expect(sockets.every(({ connected }) => connected)).toBe(true);
  });

  test("ends connections on the nodes that have not heard of it too", async () => {
    const { signIn, find } = createSessions();
    const emitter = new EventEmitter();
    const bus = createBus();
    const options = { server: { adapter: bus.adapter } };
    const here = await startSource({ find, onEnd: (listener) => emitter.on("end", listener) }, options);
    const there = await startSource({ find }, options);
    const cookie = signIn("alice", { id: "id 1" });
    const visitors = [await here.connect(cookie), await there.connect(cookie)];
    emitter.emit("end", "id 1");
    for (const visitor of visitors) expect((await visitor.end)[0]).toEqual(ENDED);
  });
});

describe("F29 endUser with express-session", () => {
  test("ends the connections of a user in all sessions, and those that are being admitted", async () => {
    const server = await startSessions();
    const alice = [server.browser(), server.browser()];
    const ends: Promise<unknown[]>[] = [];
    for (const browser of alice) {
      await browser.post("/login?user=alice");
      const { client, control, sockets } = await browser.connect();
      ends.push(listenForEnd(client, control, sockets));
    }
    const bob = server.browser();
    await bob.post("/login?user=bob");
    await bob.connect();
    const late = alice[0]?.client();
    if (late === undefined) throw new Error("There is no such browser.");
    await new Promise<void>((resolve) => late.manager.open(() => resolve()));
    server.store.state = "hanging";
    const { reads } = server.store;
    const refusal = refused(late.join("/", {}));
    await expect.poll(() => server.store.reads).toBeGreaterThan(reads);
    expect(await server.handle.endUser("alice", closed())).toBe(true);
    server.store.recover();
    expect(await refusal).toEqual(DENIED);
    for (const end of ends) expect((await end)[0]).toEqual(DENIED);
    expect(serverSockets(server.io).map(({ data }) => data.identity)).toEqual(["bob"]);
    await alice[0]?.connect();
  });

  test("needs identify, and says so", async () => {
    const server = await startSessions({ share: { identify: undefined } });
    const { message } = await rejection(server.handle.endUser("alice"), "ERR_SERVER_SETUP");
    expect(message).toContain("identify");
  });
});

test.each(["end", "endUser"] as const)("%s takes a name and a TokenError", async (name) => {
  const { ends } = await startSource({ find: () => null });
  for (const given of ["", 7, undefined]) await rejection(ends[name](untyped(given)), "ERR_INVALID_OPTION");
  await rejection(ends[name]("alice", untyped(new Error())), "ERR_INVALID_OPTION");
});

test("nothing of a connection is kept when it has ended", async () => {
  const { signIn, find } = createSessions();
  const server = await startSource({ find });
  const { client, control } = await server.connect(signIn("alice", { expiresAt: Date.now() + 60_000 }));
  const left = next(control, "disconnect");
  client.manager._close();
  await left;
  await expect.poll(() => server.links.size).toBe(0);
  expect(await server.ends.endUser("alice")).toBe(true);
  expect(server.lines.join("\n")).not.toContain("connections of a user");
});
