import { createServer, connect as dial } from "node:net";
import { Server } from "socket.io";
import { createConnection, memoryStorage } from "socket-rotor";
import { drain } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  deferred,
  listenForEnd,
  refused,
  serverSockets,
  signIn,
  startServer,
  tokenOf,
} from "../../support/real-server.js";
import { rejection } from "../../support/rejection.js";
import { collectUncaught } from "../../support/uncaught.js";
import { untyped } from "../../support/untyped.js";
import { handshake } from "./handshake.js";

interface Goodbye {
  error: string;
  retryAfter: number;
}

describe("F20 drain", () => {
  test.each([["websocket"], ["polling"]] as const)(
    "over %s tells each client another time to come back, spread evenly, and ends its connection",
    async (transport) => {
      const server = await startServer();
      const within = 10_000;
      const count = 20;
      const ends = await Promise.all(
        Array.from({ length: count }, async () => {
          const client = server.client({ transports: [transport] });
          const { control, sockets } = await signIn(client, tokenOf("alice"));
          return { end: listenForEnd(client, control, sockets) };
        }),
      );
      await drain(server.io, { within });
      expect(server.links.size).toBe(0);
      expect(serverSockets(server.io)).toEqual([]);
      const heard = await Promise.all(ends.map(({ end }) => end));
      for (const [goodbye, ...rest] of heard) {
        expect(goodbye).toMatchObject({ error: "temporarily_unavailable" });
        expect(rest).toEqual(["io server disconnect", "io server disconnect"]);
      }
      const slices = heard.map(([goodbye]) => Math.floor(((goodbye as Goodbye).retryAfter / within) * count));
      expect(slices.sort((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, at) => at));
    },
  );

  test("refuses those who come now in the same way, unverified", async () => {
    const server = await startServer();
    await drain(server.io, { within: 10_000 });
    for (const namespace of ["/", "/rotor"]) {
      const refusal = await refused(server.client().join(namespace, { token: tokenOf("alice") }));
      expect(refusal).toMatchObject({ error: "temporarily_unavailable", retryAfter: expect.any(Number) });
      expect((refusal as Goodbye).retryAfter).toBeLessThanOrEqual(10_000);
    }
    expect(server.verified).toEqual([]);
  });

  test("reaches a connection whose token is being verified", async () => {
    const gate = deferred<{ subject: string }>();
    const server = await startServer({ verify: () => gate.promise });
    server.client().join("/", { token: tokenOf("alice") });
    await expect.poll(() => server.verified.length).toBe(1);
    await drain(server.io, { within: 0 });
    gate.resolve({ subject: "alice" });
    expect(server.links.size).toBe(0);
    expect(serverSockets(server.io)).toEqual([]);
  });

  test("does not wait for a client that does not read", async () => {
    const server = await startServer();
    // It connects, and never asks for what the server has to say.
    const url = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1));
    await fetch(`${url}&sid=${sid}`, {
      method: "POST",
      body: `40${JSON.stringify({ token: tokenOf("alice") })}`,
    });
    await expect.poll(() => serverSockets(server.io).length).toBe(1);
    const started = performance.now();
    await drain(server.io, { within: 0 });
    console.log(`drain with a client that does not read took ${Math.round(performance.now() - started)} ms`);
    expect(server.links.size).toBe(0);
  });

  test.each([["disconnecting"], ["disconnect"]])(
    "does not wait for a connection that has ended, where a listener of %s threw",
    async (event) => {
      const server = await startServer();
      server.io.on("connection", (socket) => {
        socket.on(event, () => {
          throw new Error("a listener of the application's");
        });
      });
      const client = server.client();
      await signIn(client, tokenOf("alice"));
      const uncaught = await collectUncaught(async () => {
        client.manager._close();
        await expect.poll(() => server.io.engine.clientsCount).toBe(0);
      });
      expect(uncaught).toHaveLength(1);
      expect(server.links.size).toBe(0);
      await drain(server.io, { within: 0 });
    },
  );

  test.each([["websocket"], ["polling"]] as const)(
    "over %s is over for all, where listeners throw",
    async (transport) => {
      const server = await startServer();
      server.io.on("connection", (socket) => {
        socket.on("disconnecting", () => {
          throw new Error("a listener of the application's");
        });
      });
      const clients = [
        server.client({ transports: [transport] }),
        server.client({ transports: [transport] }),
      ];
      for (const client of clients) await signIn(client, tokenOf("alice"));
      await collectUncaught(async () => {
        await drain(server.io, { within: 0 });
        await expect.poll(() => server.io.engine.clientsCount).toBe(0);
      });
      expect(server.links.size).toBe(0);
      // Engine.IO has not answered the poll that was open when a listener threw.
      const { httpServer } = server.io;
      if ("closeAllConnections" in httpServer) httpServer.closeAllConnections();
    },
  );

  test("ends the connections too that have joined nothing, once they have had the time to be refused", async () => {
    const server = await startServer();
    expect((await handshake(server.url, "polling")).status).toBe(200);
    const { manager, join } = server.client();
    await new Promise<void>((resolve) => manager.open(() => resolve()));
    expect(server.io.engine.clientsCount).toBe(2);
    const drained = drain(server.io, { within: 10_000 });
    expect(await refused(join("/", { token: tokenOf("alice") }))).toMatchObject({
      error: "temporarily_unavailable",
      retryAfter: expect.any(Number),
    });
    await drained;
    expect(server.io.engine.clientsCount).toBe(0);
  });

  test("is over at once where nobody is connected", async () => {
    const server = await startServer();
    await drain(server.io, { within: 60_000 });
  });

  test("under load brings all clients to another server, and nothing that was acknowledged is lost", async () => {
    const saved = new Map<string, number>();
    const identityKey = "a key that all nodes share";
    const nodes = await Promise.all([startServer({ identityKey }), startServer({ identityKey })]);
    for (const { io } of nodes) {
      io.on("connection", (socket) =>
        socket.on("save", (id: string, answer: (id: string) => void) => {
          saved.set(id, (saved.get(id) ?? 0) + 1);
          setImmediate(() => answer(id));
        }),
      );
    }
    const [old, fresh] = nodes;
    if (old === undefined || fresh === undefined) expect.fail("there are no nodes");
    const balancer = await startBalancer(old.url);
    const count = 40;
    const within = 1_000;
    const acknowledged: string[] = [];
    let isOver = false;
    const connections = Array.from({ length: count }, (_, number) => {
      const token = tokenOf(`user${number}`);
      const connection = createConnection({
        url: balancer.url,
        storage: memoryStorage(token),
        identify: () => `user${number}`,
        logger: {},
        ackTimeout: 10_000,
        socketOptions: { transports: ["websocket"] },
      });
      onTestFinished(() => connection.dispose());
      return connection;
    });
    await Promise.all(connections.map((connection) => connection.whenConnected()));
    const load = Promise.all(
      connections.map(async ({ socket }, number) => {
        for (let turn = 0; !isOver; turn += 1) {
          const id = `${number}-${turn}`;
          const answer = await socket.emitWithAck("save", id).catch(() => undefined);
          if (answer === id) acknowledged.push(id);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }),
    );
    await expect.poll(() => acknowledged.length).toBeGreaterThan(count);
    const beforeDrain = acknowledged.length;
    const arrivals: number[] = [];
    fresh.io.on("connection", () => arrivals.push(performance.now()));
    balancer.switchTo(fresh.url);
    const started = performance.now();
    await drain(old.io, { within });
    expect(serverSockets(old.io)).toEqual([]);
    await expect.poll(() => serverSockets(fresh.io).length, { timeout: 15_000 }).toBe(count);
    await expect.poll(() => acknowledged.length, { timeout: 15_000 }).toBeGreaterThan(beforeDrain + count);
    isOver = true;
    await load;
    const after = arrivals.map((at) => Math.round(at - started)).sort((one, other) => one - other);
    console.log(
      `drain: ${count} clients came back from ${after[0]} to ${after.at(-1)} ms after it, within ${within}; ${acknowledged.length} messages were acknowledged`,
    );
    expect(acknowledged.filter((id) => saved.get(id) !== 1)).toEqual([]);
    // Not as a herd: no tenth of the time sees more than a third of them.
    const tenths = after.map((time) => Math.floor((time / within) * 10));
    const most = Math.max(...tenths.map((tenth) => tenths.filter((other) => other === tenth).length));
    expect(most).toBeLessThan(count / 3);
  }, 60_000);
});

describe("a drain that is a mistake", () => {
  test.each([
    [{}],
    [{ within: -1 }],
    [{ within: "10s" }],
    [{ within: 86_400_001 }],
    [{ within: 2 ** 31 }],
    [undefined],
    [{ within: 0, by: 1 }],
  ])("%j is an error, and sends nobody away", async (options) => {
    const server = await startServer();
    const { control } = await signIn(server.client(), tokenOf("alice"));
    await rejection(drain(server.io, untyped(options)), "ERR_INVALID_OPTION");
    await control.emitWithAck("sync");
  });

  test("without authenticateToken is an error that says so", async () => {
    await rejection(drain(new Server(), { within: 0 }), "ERR_SERVER_SETUP");
  });
});

/** Passes connections on to one server, which can be changed for those that come later. */
async function startBalancer(first: string): Promise<{ url: string; switchTo(url: string): void }> {
  let target = Number(new URL(first).port);
  const tcp = createServer((inside) => {
    const outside = dial(target, "127.0.0.1");
    inside.pipe(outside).pipe(inside);
    for (const socket of [inside, outside]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void tcp.close());
  const address = tcp.address();
  if (address === null || typeof address === "string") throw new Error("There is no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    switchTo: (url) => {
      target = Number(new URL(url).port);
    },
  };
}
