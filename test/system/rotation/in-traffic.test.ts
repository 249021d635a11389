import { describe, test } from "vitest";
import { rotorClient } from "./fixture/rotor-client";
import { openPlace, PACE } from "./fixture/traffic";

/** The bench does fifty; these are enough to fail when a protection is taken out. */
const ROTATIONS = 8;
const namespaces = ["/", "/chat"];
const nothingLost = { lost: 0, doubled: 0, unordered: 0 };
const cases = (["polling", "websocket"] as const).flatMap((transport) =>
  [0, 40, 100].map((roundTrip) => ({ transport, roundTrip })),
);

describe("with a tick and a message every 10 ms, in two namespaces", () => {
  test.concurrent.for(cases)(
    "G6 re-authentication loses and doubles nothing either way, over $transport at $roundTrip ms",
    async ({ transport, roundTrip }, { expect, onTestFinished }) => {
      const { server, network, run } = await openPlace({
        roundTrip,
        transport,
        namespaces,
        hasHalf: true,
        onEnd: onTestFinished,
      });
      const strange: string[] = [];
      const { connection: join } = server.rules;
      server.rules.connection = (socket) => {
        socket.onAny((event: string) => void (event !== "message" && strange.push(event)));
        join?.(socket);
      };
      const client = rotorClient(
        { url: network.url, socketOptions: { transports: [transport] } },
        onTestFinished,
      );
      const sockets = namespaces.map((namespace) => client.connection.of(namespace));
      for (const socket of sockets) {
        socket.onAny((event: string) => void (event !== "tick" && strange.push(event)));
        socket.on("disconnect", (reason) => strange.push(reason));
      }
      const facts = () => ({
        ids: sockets.map(({ id }) => id),
        rooms: namespaces.map((namespace) =>
          [...server.io.of(namespace).adapter.sids.values()].map((each) => [...each]),
        ),
        connections: server.log.all("connected").length,
        handshakes: transport === "websocket" ? network.opened : server.log.all("request").length,
      });
      const seen: ReturnType<typeof facts>[] = [];
      const { ticks, messages, failures } = await run(client, ROTATIONS, () => seen.push(facts()));
      expect(ticks).toMatchObject(nothingLost);
      expect(messages).toMatchObject(nothingLost);
      expect(failures).toEqual([]);
      expect(strange).toEqual([]);
      expect(seen).toEqual(Array.from({ length: ROTATIONS }, () => seen[0]));
      expect(seen[0]).toMatchObject({ connections: 2, handshakes: 1 });
      expect(server.log.all("answered").map(({ ok }) => ok)).toEqual(Array(ROTATIONS).fill(true));
    },
  );

  test.concurrent.for(cases)(
    "G4 F43 overlapping writes each message once, in order, and loses no round trip of events, over $transport at $roundTrip ms",
    async ({ transport, roundTrip }, { expect, onTestFinished }) => {
      const { server, network, run } = await openPlace({
        roundTrip,
        transport,
        namespaces,
        hasHalf: false,
        onEnd: onTestFinished,
      });
      const client = rotorClient(
        { url: network.url, rotation: "overlap", socketOptions: { transports: [transport] } },
        onTestFinished,
      );
      const reasons: string[] = [];
      for (const namespace of namespaces) {
        client.connection.of(namespace).on("disconnect", (reason) => reasons.push(reason));
      }
      const { ticks, messages, failures } = await run(client, ROTATIONS);
      // What is lost or comes twice is what the two links differ in speed by: with polling, by a request of each.
      const links = ROTATIONS * namespaces.length;
      const request = transport === "polling" ? 2 * roundTrip + 50 : 10;
      const differing = (links * request) / PACE;
      expect(ticks.lost).toBeLessThanOrEqual(differing);
      expect(ticks.doubled).toBeLessThanOrEqual(differing);
      expect(messages).toMatchObject(nothingLost);
      expect(failures).toEqual([]);
      expect(reasons).toEqual([]);
      expect(mostAtOnce(server.log.entries)).toBe(2);
      expect(server.log.all("connected")).toHaveLength(2 * (ROTATIONS + 1));
    },
  );

  test.concurrent.for(cases)(
    "F43 overlapping doubles no event where packets carry ids, over $transport at $roundTrip ms",
    async ({ transport, roundTrip }, { expect, onTestFinished }) => {
      const { network, run } = await openPlace({
        roundTrip,
        transport,
        namespaces,
        hasHalf: false,
        hasIds: true,
        onEnd: onTestFinished,
      });
      const client = rotorClient(
        { url: network.url, rotation: "overlap", socketOptions: { transports: [transport] } },
        onTestFinished,
      );
      const { ticks } = await run(client, ROTATIONS);
      expect(ticks.doubled).toBe(0);
    },
  );
});

/** The most sockets that were live in one namespace at once. */
function mostAtOnce(entries: ReadonlyArray<{ kind: string; namespace?: string }>): number {
  const live = new Map<string, number>();
  let most = 0;
  for (const { kind, namespace = "" } of entries) {
    const change = { connected: 1, disconnected: -1 }[kind] ?? 0;
    live.set(namespace, (live.get(namespace) ?? 0) + change);
    most = Math.max(most, live.get(namespace) ?? 0);
  }
  return most;
}
