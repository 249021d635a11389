import type { Server, Socket as ServerSocket } from "socket.io";
import { describe, expect, test } from "vitest";
import { connected, next, refused, signIn, startServer, tokenOf } from "../../support/real-server.js";

describe("every namespace is behind the token", () => {
  const KINDS: readonly (readonly [name: string, namespace: string, make: (io: Server) => unknown])[] = [
    ["the main one", "/", () => {}],
    ["a static one", "/chat", (io) => io.of("/chat")],
    ["one of a pattern", "/room-1", (io) => io.of(/^\/room-\d+$/)],
    ["one of a function", "/any", (io) => io.of((name, _, answer) => answer(null, name === "/any"))],
    ["a static one that a pattern adopts", "/room-2", (io) => io.of(/^\/room-\d+$/) && io.of("/room-2")],
  ];

  for (const time of ["before", "after"] as const) {
    test.each(KINDS)(`%s, made ${time} authenticateToken`, async (_, namespace, make) => {
      const server = await startServer(time === "before" ? { before: make } : {});
      if (time === "after") make(server.io);
      const socket = server.client().join(namespace, {});
      expect(await refused(socket)).toMatchObject({ error: "invalid_token" });
      const { sockets } = await signIn(server.client(), tokenOf("alice"), [namespace]);
      expect(sockets[0]?.connected).toBe(true);
    });
  }

  test("one that was cleaned up as empty and is made anew", async () => {
    const server = await startServer({
      server: { cleanupEmptyChildNamespaces: true },
      before: (io) => io.of(/^\/room-/),
    });
    for (let round = 0; round < 2; round += 1) {
      const socket = await connected(server.client().join("/room-1", { token: tokenOf("alice") }));
      socket.disconnect();
      await expect.poll(() => server.io._nsps.has("/room-1")).toBe(false);
      expect(await refused(server.client().join("/room-1", {}))).toMatchObject({ error: "invalid_token" });
    }
  });

  test.each([
    ["/chat", (io: Server) => io.of("/chat")],
    ["/room-1", (io: Server) => io.of(/^\/room-/)],
  ])("the application's middlewares in %s run afterwards, and know who it is", async (name, namespaceOf) => {
    const seen: unknown[] = [];
    const server = await startServer({
      before: (io) =>
        namespaceOf(io).use((socket, next) => {
          seen.push(socket.data);
          next();
        }),
    });
    await refused(server.client().join(name, {}));
    expect(seen).toEqual([]);
    await connected(server.client().join(name, { token: tokenOf("alice") }));
    expect(seen).toEqual([{ identity: "alice" }]);
  });
});

describe("a catch-all namespace of the application's", () => {
  for (const time of ["before", "after"] as const) {
    test.each([
      ["pattern", (io: Server) => io.of(/.*/)],
      ["function", (io: Server) => io.of((_name, _auth, answer) => answer(null, true))],
    ])(`by a %s, made ${time} authenticateToken, does not capture /rotor`, async (_, make) => {
      const seen: string[] = [];
      const watch = (io: Server): void => {
        make(io)
          .use((socket, next) => {
            seen.push(`use ${socket.nsp.name}`);
            next();
          })
          .on("connection", (socket: ServerSocket) => seen.push(`connection ${socket.nsp.name}`));
      };
      const server = await startServer(time === "before" ? { before: watch } : {});
      if (time === "after") watch(server.io);
      const { control, ready } = await signIn(server.client(), tokenOf("alice"), ["/other"]);
      expect(ready).toMatchObject({ version: 1 });
      expect(await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("alice") } })).toEqual({
        ok: true,
      });
      expect(seen).toEqual(["use /other", "connection /other"]);
    });
  }

  test("broadcasts nothing to /rotor", async () => {
    const parents: { emit(event: string): unknown }[] = [];
    const server = await startServer({ before: (io) => parents.push(io.of(/.*/)) });
    const { control, sockets } = await signIn(server.client(), tokenOf("alice"), ["/other"]);
    const heard: string[] = [];
    control.onAny((event) => heard.push(event));
    const [other] = sockets;
    if (other === undefined) expect.fail("there is no socket");
    const arrived = next(other, "news");
    parents[0]?.emit("news");
    await arrived;
    await control.emitWithAck("sync");
    expect(heard).toEqual([]);
  });
});
