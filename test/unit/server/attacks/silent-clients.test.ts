import { drain } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { amount } from "../../../support/amount.js";
import { connected, startServer, tokenOf } from "../../../support/real-server.js";

const CLIENTS = amount(200, 2_000);

/** Opens that many connections and says nothing on them. */
async function openSilent(
  server: Awaited<ReturnType<typeof startServer>>,
  transport: "polling" | "websocket",
) {
  const clients = Array.from({ length: CLIENTS }, () => server.client({ transports: [transport] }));
  const closed = clients.map(
    ({ manager }) => new Promise<void>((resolve) => manager.once("close", () => resolve())),
  );
  await Promise.all(
    clients.map(({ manager }) => new Promise<void>((resolve) => manager.open(() => resolve()))),
  );
  return { clients, closed: Promise.all(closed) };
}

describe.each(["websocket", "polling"] as const)(
  `${CLIENTS} clients over %s that never say CONNECT`,
  (transport) => {
    test("are not verified, have no link, and are closed after connectTimeout", async () => {
      // A client that polls may miss its end, and hears of it by the heartbeat, which takes 45 seconds by default.
      const heartbeat = { pingInterval: 10_000, pingTimeout: 10_000 };
      const server = await startServer({ server: { connectTimeout: 4_500, ...heartbeat } });
      const begun = Date.now();
      const { closed } = await openSilent(server, transport);
      expect([server.io.engine.clientsCount, server.links.size]).toEqual([CLIENTS, 0]);
      await closed;
      expect(Date.now() - begun).toBeGreaterThan(4_000);
      await expect.poll(() => server.io.engine.clientsCount).toBe(0);
      expect([server.links.size, server.verified.length]).toEqual([0, 0]);
      await connected(server.client().join("/", { token: tokenOf("alice") }));
    });

    test("are sent away by drain", async () => {
      const server = await startServer();
      const { closed } = await openSilent(server, transport);
      await drain(server.io, { within: 0 });
      await closed;
      expect([server.io.engine.clientsCount, server.links.size]).toEqual([0, 0]);
    });

    test("with nothing but a barrier's CONNECT are no more than that", async () => {
      const server = await startServer();
      const { clients } = await openSilent(server, transport);
      const answers = clients.map(({ join }) => {
        const socket = join("/rotor-barrier-x", {});
        return new Promise<string>((resolve) =>
          socket.once("connect_error", ({ message }) => resolve(message)),
        );
      });
      expect(new Set(await Promise.all(answers))).toEqual(new Set(["Invalid namespace"]));
      expect([server.links.size, server.verified.length]).toEqual([0, 0]);
    });
  },
);
