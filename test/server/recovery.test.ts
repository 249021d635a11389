import { describe, expect, test } from "vitest";
import {
  type Bench,
  connected,
  next,
  refused,
  serverSockets,
  signIn,
  startServer,
  tokenOf,
} from "./fixture.js";

/** Alice connects with state recovery on, hears something, and is cut off; resolves with what she could resume by. */
async function droppedAlice(server: Bench): Promise<Record<string, unknown>> {
  server.io.on("connection", (socket) => socket.join("alices"));
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
    const bench = await startServer({ server });
    const resumed = await droppedAlice(bench);
    await connected(bench.client().join("/", { ...resumed, token: tokenOf("alice") }));
    expect(bench.verified).toHaveLength(2);
    expect(serverSockets(bench.io).map(({ recovered, data }) => [recovered, data.identity])).toEqual([
      [true, "alice"],
    ]);
    expect(bench.lines.join("\n")).toContain("skipMiddlewares");
  });

  test("is refused without a token", async () => {
    const bench = await startServer({ server });
    const resumed = await droppedAlice(bench);
    expect(await refused(bench.client().join("/", resumed))).toMatchObject({ error: "invalid_token" });
    expect(serverSockets(bench.io)).toEqual([]);
    expect(bench.io.sockets.adapter.rooms.size).toBe(0);
  });

  test("is refused to another user", async () => {
    const bench = await startServer({ server });
    const resumed = await droppedAlice(bench);
    expect(await refused(bench.client().join("/", { ...resumed, token: tokenOf("bob") }))).toMatchObject({
      error: "identity_mismatch",
    });
    expect(serverSockets(bench.io)).toEqual([]);
    expect(bench.io.sockets.adapter.rooms.size).toBe(0);
  });

  test("is not offered for the control namespace, whose messages have one argument all the same", async () => {
    const bench = await startServer({ server });
    const { join } = bench.client();
    const control = join("/rotor", { token: tokenOf("alice") });
    const ready = await new Promise<unknown[]>((resolve) =>
      control.once("ready", (...args) => resolve(args)),
    );
    expect(ready).toHaveLength(1);
    expect(Reflect.get(control, "_pid")).toBeUndefined();
  });
});
