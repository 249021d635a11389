import { Adapter } from "socket.io-adapter";
import { describe, expect, test } from "vitest";
import {
  type Client,
  connected,
  deferred,
  next,
  type RealServer,
  refused,
  startServer,
  tokenOf,
  userOf,
} from "../../support/real-server.js";

/** How many adapters of rooms are not closed. */
let open = 0;

class CountedAdapter extends Adapter {
  override init(): void {
    if (this.nsp.name.startsWith("/room-")) open += 1;
  }
  override close(): void {
    open -= 1;
  }
}

/** A server with rooms of a pattern, whose `verify` is held for alice until the gate is opened. */
async function startRooms(
  use: (socket: { conn: { close(): void } }, next: () => void) => void = (_, next) => next(),
): Promise<{ server: RealServer; gate: () => void; mallory: (error?: Error) => void }> {
  const gate = deferred<void>();
  const mallory = deferred<void>();
  open = 0;
  const server = await startServer({
    server: { cleanupEmptyChildNamespaces: true, adapter: CountedAdapter },
    before: (io) => io.of(/^\/room-/).use(use),
    verify: async (token) => {
      if (userOf(token) === "alice") await gate.promise;
      if (userOf(token) === "mallory") await mallory.promise;
      return { subject: userOf(token) };
    },
  });
  return {
    server,
    gate: () => gate.resolve(),
    mallory: () => mallory.reject(new Error("no")),
  };
}

/** The rooms that there are: by name, and as the pattern's children. */
function rooms({ io }: RealServer): number[] {
  const parents: Map<unknown, { children: Set<object> }> = Reflect.get(io, "parentNsps");
  const names = [...io._nsps.keys()].filter((name) => name.startsWith("/room-"));
  return [names.length, [...parents.values()].reduce((sum, { children }) => sum + children.size, 0), open];
}

function ended(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.manager.once("close", () => resolve());
    client.manager._close();
  });
}

describe("a namespace of a pattern, with cleanupEmptyChildNamespaces,", () => {
  test("stays for a client that is being verified, when somebody else is refused", async () => {
    const { server, gate } = await startRooms();
    const alice = server.client().join("/room-1", { token: tokenOf("alice") });
    await expect.poll(() => server.verified.length).toBe(1);
    await refused(server.client().join("/room-1", {}));
    gate();
    await connected(alice);
    const heard = next(alice, "news");
    server.io.of("/room-1").emit("news", "heard");
    expect(await heard).toBe("heard");
    alice.disconnect();
    await expect.poll(() => rooms(server)).toEqual([0, 0, 0]);
  });

  test("is not taken from those in it when somebody is refused who began before they came", async () => {
    const { server, mallory } = await startRooms();
    const attacker = server.client().join("/room-1", { token: tokenOf("mallory") });
    await expect.poll(() => server.verified.length).toBe(1);
    await refused(server.client().join("/room-1", {}));
    const bob = await connected(server.client().join("/room-1", { token: tokenOf("bob") }));
    const no = refused(attacker);
    mallory();
    await no;
    const heard = next(bob, "news");
    server.io.of("/room-1").emit("news", "heard");
    expect(await heard).toBe("heard");
    bob.disconnect();
    await expect.poll(() => rooms(server)).toEqual([0, 0, 0]);
  });

  test("stays for a client that is being verified, when the last one in it leaves", async () => {
    const { server, gate } = await startRooms();
    const bob = await connected(server.client().join("/room-1", { token: tokenOf("bob") }));
    const alice = server.client().join("/room-1", { token: tokenOf("alice") });
    await expect.poll(() => server.verified.length).toBe(2);
    const room = server.io._nsps.get("/room-1");
    bob.disconnect();
    await expect.poll(() => room?.sockets.size).toBe(0);
    expect(server.io._nsps.get("/room-1") === room).toBe(true);
    gate();
    await connected(alice);
    expect(room?.sockets.size).toBe(1);
  });

  test("goes with the last one on the way into it, and leaves nothing behind, however often they knock", async () => {
    const { server, mallory } = await startRooms();
    const attacker = server.client();
    const other = server.client();
    attacker.join("/room-0", { token: tokenOf("mallory") });
    const names = Array.from({ length: 20 }, (_, number) => `/room-${number + 1}`);
    await expect.poll(() => server.verified.length).toBe(1);
    const knock = (): void => {
      for (const name of names) attacker.manager.engine.write(`0${name},{"token":"mallory.1"}`);
    };
    knock();
    await expect.poll(() => rooms(server)[0]).toBe(21);
    await Promise.all(names.map((name) => refused(other.join(name, {}))));
    knock();
    await expect.poll(() => server.lines.filter((line) => line.includes("was ignored")).length).toBe(20);
    mallory();
    await expect.poll(() => rooms(server)).toEqual([0, 0, 0]);
    await Promise.all([attacker, other].map(ended));
    expect(rooms(server)).toEqual([0, 0, 0]);
  });

  test("goes when a client that was on the way into it hangs up", async () => {
    const { server } = await startRooms();
    const client = server.client();
    client.join("/room-1", { token: tokenOf("alice") });
    await expect.poll(() => server.verified.length).toBe(1);
    await refused(server.client().join("/room-1", {}));
    client.manager._close();
    await expect.poll(() => rooms(server)).toEqual([0, 0, 0]);
  });

  test("goes with the last one in it, where a middleware has kept somebody whose connection has ended", async () => {
    let isGood = false;
    const { server } = await startRooms(({ conn }, next) => (isGood ? next() : conn.close()));
    const client = server.client();
    const isOver = new Promise<void>((resolve) => client.manager.once("close", () => resolve()));
    client.join("/room-1", { token: tokenOf("carol") });
    await isOver;
    await expect.poll(() => server.links.size).toBe(0);
    isGood = true;
    const bob = await connected(server.client().join("/room-1", { token: tokenOf("bob") }));
    bob.disconnect();
    await expect.poll(() => rooms(server)).toEqual([0, 0, 0]);
  });
});

test("a namespace that was put in the place of another by hand is not removed with it", async () => {
  const { server } = await startRooms();
  const bob = await connected(server.client().join("/room-1", { token: tokenOf("bob") }));
  server.io._nsps.delete("/room-1");
  const carol = await connected(server.client().join("/room-1", { token: tokenOf("carol") }));
  bob.disconnect();
  await expect.poll(() => server.links.size).toBe(1);
  const heard = next(carol, "news");
  server.io.of("/room-1").emit("news", "heard");
  expect(await heard).toBe("heard");
  carol.disconnect();
  await expect.poll(() => rooms(server)).toEqual([0, 0, 0]);
});
