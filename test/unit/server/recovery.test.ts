import { Adapter } from "socket.io-adapter";
import { describe, expect, test } from "vitest";
import {
  connected,
  next,
  type RealServer,
  refused,
  serverSockets,
  signIn,
  startServer,
  tokenOf,
  userOf,
} from "../../support/real-server.js";

/** Alice connects with state recovery on, hears something, and is cut off; resolves with what she could resume by. */
async function droppedAlice(server: RealServer): Promise<Record<string, unknown>> {
  server.io.once("connection", (socket) => socket.join("alices"));
  const client = server.client();
  const { sockets } = await signIn(client, tokenOf("alice"));
  const [socket] = sockets;
  if (socket === undefined) expect.fail("there is no socket");
  const heard = next(socket, "news");
  server.io.to("alices").emit("news", 1);
  await heard;
  const resumed = { pid: Reflect.get(socket, "_pid"), offset: Reflect.get(socket, "_lastOffset") };
  expect(resumed).toEqual({ pid: expect.any(String), offset: expect.any(String) });
  client.manager.engine.close();
  await expect.poll(() => server.links.size).toBe(0);
  return resumed;
}

describe("F1 a recovered connection", () => {
  const server = { connectionStateRecovery: {} };

  test("is verified, with Socket.IO's defaults too, and its identity is that of the token", async () => {
    const fixture = await startServer({ server });
    const resumed = await droppedAlice(fixture);
    await connected(fixture.client().join("/", { ...resumed, token: tokenOf("alice") }));
    expect(fixture.verified).toHaveLength(2);
    expect(serverSockets(fixture.io).map(({ recovered, data }) => [recovered, data.identity])).toEqual([
      [true, "alice"],
    ]);
    expect(fixture.lines.join("\n")).toContain("skipMiddlewares");
  });

  test("is refused without a token", async () => {
    const fixture = await startServer({ server });
    const resumed = await droppedAlice(fixture);
    expect(await refused(fixture.client().join("/", resumed))).toMatchObject({ error: "invalid_token" });
    expect(serverSockets(fixture.io)).toEqual([]);
    expect(fixture.io.sockets.adapter.rooms.size).toBe(0);
  });

  test("is no recovered one for another user, who gets none of the rooms, of the data and of the packets", async () => {
    const fixture = await startServer({ server });
    const resumed = await droppedAlice(fixture);
    fixture.io.to("alices").emit("news", "missed by alice");
    const heard: unknown[] = [];
    const client = fixture.client();
    const bob = client.join("/", { ...resumed, token: tokenOf("bob") });
    bob.onAny((...args) => heard.push(args));
    await connected(bob);
    const control = client.join("/rotor", { token: tokenOf("bob") });
    await next(control, "ready");
    await control.emitWithAck("sync");
    expect(heard).toEqual([]);
    expect(bob.recovered).toBe(false);
    const [socket] = serverSockets(fixture.io);
    expect(socket?.recovered).toBe(false);
    expect(socket?.data).toEqual({ identity: "bob" });
    expect([...(socket?.rooms ?? [])]).toEqual([socket?.id]);
  });

  test("brings its own user what was missed", async () => {
    const fixture = await startServer({ server });
    const resumed = await droppedAlice(fixture);
    fixture.io.to("alices").emit("news", "missed by alice");
    const alice = fixture.client().join("/", { ...resumed, token: tokenOf("alice") });
    const [news] = await Promise.all([next(alice, "news"), connected(alice)]);
    expect(news).toBe("missed by alice");
  });

  test("has of the old token's data what the new token has too, and what the application has put there", async () => {
    const fixture = await startServer({
      server,
      verify: async (token) => ({
        subject: userOf(token),
        data: fixture.verified.length === 1 ? { role: "admin", plan: "old" } : { plan: "new" },
      }),
    });
    fixture.io.once("connection", (socket) => {
      socket.data.cart = ["book"];
      socket.once("disconnect", () => seen.push({ ...socket.data }));
    });
    const seen: unknown[] = [];
    const resumed = await droppedAlice(fixture);
    expect(seen).toEqual([{ identity: "alice", role: "admin", plan: "old", cart: ["book"] }]);
    await connected(fixture.client().join("/", { ...resumed, token: tokenOf("alice") }));
    expect(serverSockets(fixture.io).map(({ recovered, data }) => [recovered, data])).toEqual([
      [true, { identity: "alice", plan: "new", cart: ["book"] }],
    ]);
  });

  test("brings nothing to somebody whose token is refused", async () => {
    const fixture = await startServer({
      server,
      verify: async (token) => {
        if (fixture.verified.length > 1) throw new Error("no");
        return { subject: userOf(token) };
      },
    });
    const resumed = await droppedAlice(fixture);
    fixture.io.to("alices").emit("news", "missed by alice");
    const client = fixture.client();
    const packets: unknown[] = [];
    client.manager.on("packet", ({ type, data }) => packets.push([type, data]));
    await refused(client.join("/", { ...resumed, token: tokenOf("alice") }));
    // One packet, the refusal.
    expect(packets).toEqual([[4, expect.objectContaining({ message: expect.any(String) })]]);
    expect(fixture.verified).toHaveLength(2);
  });

  test.each([
    ["pid", { pid: { $gt: "" }, offset: "0" }],
    ["offset", { pid: "some", offset: { $gt: "" } }],
  ])("is looked for by strings alone: not by another %s", async (_, resumed) => {
    const asked: unknown[] = [];
    class Asked extends Adapter {
      override restoreSession(pid: string, offset: string) {
        asked.push(pid);
        return super.restoreSession(pid, offset);
      }
    }
    const fixture = await startServer({ server: { ...server, adapter: Asked } });
    const bob = await connected(fixture.client().join("/", { ...resumed, token: tokenOf("bob") }));
    expect(bob.recovered).toBe(false);
    expect(asked).toEqual([]);
  });

  test("cannot be resumed by the name under which the server keeps it", async () => {
    const fixture = await startServer({ server });
    const resumed = await droppedAlice(fixture);
    const alice = fixture.client().join("/", { ...resumed, token: tokenOf("alice") });
    await connected(alice);
    const [socket] = serverSockets(fixture.io);
    expect(socket?.recovered).toBe(true);
    const kept = socket?.handshake.auth as { pid: string };
    const bob = fixture.client().join("/", { ...resumed, ...kept, token: tokenOf("bob") });
    await connected(bob);
    expect(serverSockets(fixture.io).map(({ recovered }) => recovered)).toEqual([true, false]);
  });

  test("is not offered for the control namespace, whose messages have one argument even so", async () => {
    const fixture = await startServer({ server });
    const { join } = fixture.client();
    const control = join("/rotor", { token: tokenOf("alice") });
    const ready = await new Promise<unknown[]>((resolve) =>
      control.once("ready", (...args) => resolve(args)),
    );
    expect(ready).toHaveLength(1);
    expect(Reflect.get(control, "_pid")).toBeUndefined();
  });
});
