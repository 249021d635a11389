import type { IncomingMessage } from "node:http";
import type { Server, Socket as ServerSocket } from "socket.io";
import { createConnection, memoryStorage } from "socket-rotor";
import { TokenError } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { installedOn } from "../../../src/server/installed.js";
import { findSecrets } from "../../quality/canary/secrets.js";
import { refused, signIn, startServer, tokenOf, userOf } from "../../support/real-server.js";
import { collectUncaught } from "../../support/uncaught.js";

/** Everything that an application can watch, in every namespace it hears of. */
function watchEverything(io: Server, seen: unknown[]): void {
  const watch = (socket: ServerSocket): void => {
    if (socket.nsp.name !== "/rotor") seen.push(["connection", socket.nsp.name]);
    socket.onAny((...args) => seen.push(["any", ...args]));
    socket.prependAny((...args) => seen.push(["any", ...args]));
    socket.onAnyOutgoing((...args) => seen.push(["outgoing", ...args]));
    socket.prependAnyOutgoing((...args) => seen.push(["outgoing", ...args]));
    socket.use((event, next) => {
      seen.push(["use", ...event]);
      next();
    });
  };
  io.on("connection", watch);
  // As tools do that want to see all there is.
  io.on("new_namespace", (namespace) => namespace.on("connection", watch));
}

describe("the application on the server", () => {
  test.each([
    ["without state recovery", {}],
    ["with state recovery", { connectionStateRecovery: {} }],
  ])("sees no control message and no token, %s", async (_, options) => {
    const seen: unknown[] = [];
    const server = await startServer({ server: options, before: (io) => watchEverything(io, seen) });
    const token = tokenOf("alice");
    const other = tokenOf("alice");
    const { control } = await signIn(server.client(), token);
    await control.emitWithAck("reauthenticate", { auth: { token: other } });
    await control.emitWithAck("sync");
    expect(seen).toEqual([["connection", "/"]]);
    expect(findSecrets(seen, [token, other])).toEqual([]);
  });

  test("finds no token in handshakes, which fetchSockets() sends to other nodes, nor in any middleware", async () => {
    const token = tokenOf("alice");
    const handshakes: unknown[] = [];
    const server = await startServer({
      before: (io) =>
        io.use((socket, next) => {
          handshakes.push(structuredClone(socket.handshake));
          next();
        }),
    });
    const { control } = await signIn(server.client(), token);
    const other = tokenOf("alice");
    await control.emitWithAck("reauthenticate", { auth: { token: other } });
    for (const namespace of ["/", "/rotor"]) {
      for (const { handshake, data } of await server.io.of(namespace).fetchSockets())
        handshakes.push({ handshake, data });
    }
    expect(handshakes).toHaveLength(3);
    expect(findSecrets(handshakes, [token, other])).toEqual([]);
  });

  test("keeps none in the record of a link", async () => {
    const token = tokenOf("alice");
    const server = await startServer();
    await signIn(server.client(), token);
    const [socket] = server.io.sockets.sockets.values();
    const link = socket && server.links.of(socket.conn);
    const credential = link && installedOn(server.io)?.tokens?.credentialOf(link);
    expect(credential).toEqual({ subject: "alice", data: {} });
  });
});

describe("F12 the token of a client that can set no header", () => {
  test.each([["websocket"], ["polling"]] as const)(
    "over %s arrives in handshake.auth, and in no URL, header or query",
    async (transport) => {
      const token = tokenOf("alice");
      const requests: unknown[] = [];
      const server = await startServer({
        before: (io) => {
          io.engine.use((request: IncomingMessage, _response: unknown, next: () => void) => {
            requests.push(request.url, request.rawHeaders);
            next();
          });
        },
      });
      const connection = createConnection({
        url: server.url,
        storage: memoryStorage(token),
        identify: userOf,
        logger: {},
        socketOptions: { transports: [transport] },
      });
      onTestFinished(() => connection.dispose());
      await connection.whenConnected();
      expect(server.verified).toEqual([token]);
      const [socket] = server.io.sockets.sockets.values();
      expect(findSecrets([requests, socket?.handshake.url, socket?.handshake.query], [token])).toEqual([]);
      expect(requests.length).toBeGreaterThan(0);
    },
  );
});

test("the application on the client sees no control message in its own namespaces", async () => {
  const server = await startServer();
  const client = server.client();
  const seen: unknown[] = [];
  const app = client.manager.socket("/", { auth: { token: tokenOf("alice") } });
  app.onAny((...args) => seen.push(args));
  app.onAnyOutgoing((...args) => seen.push(args));
  const { control } = await signIn(client, tokenOf("alice"));
  await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("alice") } });
  expect(seen).toEqual([]);
});

describe("no token in a refusal or a log line", () => {
  const jwt =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsInNlY3JldCI6ImNsYWltIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
  const talkative = (token: string): unknown[] => [
    new Error(`bad token ${token}`),
    Object.assign(new Error(token), { name: token, code: token }),
    new TokenError("invalid_token", `The token ${token} has expired.`),
    Object.assign(new Error("x"), { data: { error: "access_denied", error_description: token, token } }),
    Object.assign(new TypeError(token), { cause: new Error(token) }),
    token,
  ];

  test.each([0, 1, 2, 3, 4, 5])("whatever verify says (%i)", async (number) => {
    for (const token of [tokenOf("alice"), jwt]) {
      const server = await startServer({ verify: () => Promise.reject(talkative(token)[number]) });
      const uncaught = await collectUncaught(async () => {
        const refusal = await refused(server.client().join("/", { token }));
        expect(findSecrets([refusal, server.lines], [token])).toEqual([]);
      });
      expect(uncaught).toEqual([]);
    }
  });

  test("nor a subject in a log line", async () => {
    const server = await startServer({ verify: async (token) => ({ subject: userOf(token) }) });
    const client = server.client();
    const { control } = await signIn(client, tokenOf("subject-of-alice"));
    await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("subject-of-bob") } });
    expect(server.lines.join("\n")).toContain("identity_mismatch");
    expect(server.lines.join("\n")).not.toContain("subject-of");
  });

  test("a namespace's name cannot forge a log line", async () => {
    const server = await startServer({ before: (io) => io.of(/.*/) });
    await refused(server.client().join("/a\nforged", {}));
    expect(server.lines.some((line) => line.includes("\n"))).toBe(false);
  });
});
