import { randomUUID } from "node:crypto";
import { authenticateToken } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { installedOn } from "../../../../src/server/installed.js";
import { refused, signIn } from "../../../support/real-server.js";
import { untyped } from "../../../support/untyped.js";
import { type SessionServer, type Settings, serverSide, sessionOf, startSessions } from "./fixture.js";

/** A server with alice, who is signed in, and the cookie of bob, who is too. */
async function start(settings: Settings = {}) {
  const server = await startSessions(settings);
  const [alice, bob] = [server.browser(), server.browser()];
  await alice.post("/login?user=alice");
  await bob.post("/login?user=bob");
  const { cookie: own = "" } = alice;
  const { cookie: tossed = "" } = bob;
  return { server, alice, bob, own, tossed };
}

const warningsOf = ({ lines }: SessionServer): string[] =>
  lines.filter((line) => line.includes("two cookies of the session's name"));
const doubtful = {
  error: "temporarily_unavailable",
  error_description: "The handshake brought two cookies of the session.",
};
const contentOf = (pair: string): string => pair.slice(pair.indexOf("=") + 1);

describe("F67 two cookies of the session's name in one handshake", () => {
  test.each([
    ["another user's before the own, as a browser sends that of the longer path", "websocket"],
    ["another user's before the own, as a browser sends that of the longer path", "polling"],
    ["another user's after the own", "websocket"],
    ["the same twice", "websocket"],
    ["the own, and the same in quotes", "websocket"],
    ["the own, and the same without its encoding", "websocket"],
    ["one without a signature before the own", "websocket"],
    ["one without a signature after the own", "polling"],
    ["one with a signature that is none", "websocket"],
    ["an empty one", "websocket"],
    ["one with a space before the equals sign", "websocket"],
    ["another user's, with others between them", "websocket"],
  ] as const)("are refused: %s, over %s", async (what, transport) => {
    const { server, alice, own, tossed } = await start();
    const cookies = {
      "another user's before the own, as a browser sends that of the longer path": [tossed, own],
      "another user's after the own": [own, tossed],
      "the same twice": [own, own],
      "the own, and the same in quotes": [own, `connect.sid="${contentOf(own)}"`],
      "the own, and the same without its encoding": [
        own,
        `connect.sid=${decodeURIComponent(contentOf(own))}`,
      ],
      "one without a signature before the own": ["connect.sid=planted", own],
      "one without a signature after the own": [own, "connect.sid=planted"],
      "one with a signature that is none": ["connect.sid=s%3Aplanted.none", own],
      "an empty one": ["connect.sid=", own],
      "one with a space before the equals sign": [own, `connect.sid =${contentOf(tossed)}`],
      "another user's, with others between them": ["a=1", tossed, "theme=dark", own, "z=2"],
    }[what];
    alice.cookie = cookies.join("; ");
    const reads = server.store.reads;
    for (let times = 0; times < 2; times += 1) {
      expect(await refused(alice.client({ transports: [transport] }).join("/", {}))).toEqual(doubtful);
    }
    expect(server.store.reads).toBe(reads);
    expect(warningsOf(server)).toEqual([expect.stringMatching(/__Host-.*secure: true, path: "\/"/)]);
    for (const secret of [contentOf(own), contentOf(tossed), "planted"]) {
      expect(server.lines.join("\n")).not.toContain(secret);
    }
    // Nobody was signed out: with one cookie she is who she was.
    alice.cookie = own;
    const { socket } = await alice.connect();
    expect(serverSide(server.io, socket).data.identity).toBe("alice");
  });

  test("are refused where nobody has to be signed in too", async () => {
    const { alice, own, tossed } = await start({ share: { required: false } });
    alice.cookie = `${tossed}; ${own}`;
    expect(await refused(alice.client().join("/", {})).catch(String)).toEqual(doubtful);
  });

  test("are refused in every namespace, whatever else has let it in", async () => {
    const { alice, own, tossed } = await start({
      before(io) {
        authenticateToken(io, { verify: async () => ({ subject: "alice" }), logger: {} });
        io.of("/chat");
      },
    });
    alice.cookie = `${tossed}; ${own}`;
    const client = alice.client();
    for (const namespace of ["/", "/chat", "/rotor"]) {
      expect(await refused(client.join(namespace, { token: randomUUID() }))).toEqual(doubtful);
    }
    alice.cookie = own;
    await signIn(alice.client(), randomUUID());
  });

  test("are refused of a name of the application's own", async () => {
    const { server, alice, own, tossed } = await start({ session: { name: "__Host-session" } });
    expect(own).toMatch(/^__Host-session=/);
    alice.cookie = `${tossed}; ${own}`;
    expect(await refused(alice.client().join("/", {})).catch(String)).toEqual(doubtful);
    expect(warningsOf(server)).toHaveLength(1);
  });

  test("are refused of any name, where the session's is not known: what has the form of a signed one", async () => {
    // A cookie that is described by a function, which wants more of a request than one that is made up has.
    let attempts = 0;
    const cookie = ({ socket }: { socket: { remoteAddress?: string } }) => {
      if (socket.remoteAddress === undefined && ++attempts > 1) throw new Error("Whose request is this?");
      return { path: "/" };
    };
    const session = untyped<NonNullable<Settings["session"]>>({ cookie });
    const { server, alice, own, tossed } = await start({ session });
    expect(installedOn(server.io)?.sessions?.setup?.cookieName).toBeUndefined();
    alice.cookie = `theme=a; ${own}; theme=b`;
    await alice.connect();
    alice.cookie = `${tossed}; ${own}`;
    expect(await refused(alice.client().join("/", {})).catch(String)).toEqual(doubtful);
  });

  test.each([
    "connect.sid.sig=s%3Aa.b",
    "xconnect.sid=s%3Aa.b",
    "Connect.Sid=s%3Aa.b",
    "connect.sid",
    "a=connect.sid=s%3Aa.b",
  ])("are not what %s and the session's are", async (other) => {
    const { server, alice, own } = await start();
    alice.cookie = `${other}; ${own}`;
    const { socket } = await alice.connect();
    expect(serverSide(server.io, socket).data.identity).toBe("alice");
    expect(warningsOf(server)).toEqual([]);
  });

  test("change nothing in the requests after the handshake, whose session it has", async () => {
    const { server, alice, own, tossed } = await start();
    const extraHeaders = { cookie: own };
    const { socket } = await alice.connect({ transports: ["polling"], extraHeaders });
    server.io.sockets.sockets.get(socket.id ?? "")?.on("who", (answer) => {
      const there = serverSide(server.io, socket);
      void server.handle
        .load(there)
        .then(({ user }) => answer([there.data.identity, sessionOf(there).user, user]));
    });
    for (const cookie of [`${tossed}; ${own}`, tossed]) {
      extraHeaders.cookie = cookie;
      expect(await socket.emitWithAck("who")).toEqual(["alice", "alice", "alice"]);
    }
  });

  test("change nothing in the upgrade to a websocket, whose session is that of the handshake", async () => {
    const { server, alice, own, tossed } = await start();
    const extraHeaders = { cookie: own };
    const client = alice.client({ transports: ["polling", "websocket"], extraHeaders });
    client.manager.on("open", () => {
      extraHeaders.cookie = `${tossed}; ${own}`;
    });
    const socket = client.join("/", {});
    await new Promise((resolve) => socket.once("connect", () => resolve(undefined)));
    await expect.poll(() => client.manager.engine.transport.name).toBe("websocket");
    expect(serverSide(server.io, socket).data.identity).toBe("alice");
  });
});
