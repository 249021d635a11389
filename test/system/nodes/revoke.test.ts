import { createConnection, memoryStorage } from "socket-rotor";
import { authenticateToken, revoke } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { untilIn } from "../fixture/client.js";
import { type AdapterName, startProtected } from "./fixture/node.js";
import { startRedis } from "./fixture/redis.js";
import { report } from "./fixture/report.js";
import { join } from "./fixture/user.js";

const REVOKED = { error: "invalid_token", error_description: "The token was revoked." };
const SECOND = 1_000;
const token = `alice~${Date.now() - SECOND}`;

describe.each<AdapterName>(["classic", "streams"])("with the %s adapter", (adapter) => {
  async function startNodes() {
    const redis = await startRedis();
    const start = () =>
      startProtected({ redis: redis.url, adapter }, (io) =>
        authenticateToken(io, {
          verify: async (text) => {
            const [subject = "", issuedAt] = text.split("~");
            return { subject, issuedAt: Number(issuedAt) };
          },
          identityKey: "the same on every node",
          logger: {},
        }),
      );
    return Promise.all([start(), start()]);
  }

  test("revoke on one node ends the user's connections on the other, which confirms", async () => {
    const [one, other] = await startNodes();
    const joined = Array.from({ length: 50 }, () => join(other.url, { token }));
    const stranger = join(other.url, { token: `bob~${Date.now() - SECOND}` });
    await Promise.all([stranger.ready, ...joined.map(({ ready }) => ready)]);
    const begun = performance.now();
    const ends = Promise.all(
      joined.map(async ({ ended }) => ({ heard: await ended, after: performance.now() - begun })),
    );
    expect(await revoke(one.io, { subject: "alice" })).toBe(true);
    const all = await ends;
    expect(all.map(({ heard }) => heard)).toEqual(all.map(() => [REVOKED, "io server disconnect"]));
    expect(stranger.socket.connected).toBe(true);
    // The same token stays out, there too; a newer one is let in.
    expect(await join(other.url, { token }).ended).toEqual([REVOKED]);
    await join(other.url, { token: `alice~${Date.now() + 60 * SECOND}` }).ready;
    report(
      `50 sockets after a revocation on another node, ${adapter} adapter`,
      all.map(({ after }) => after),
    );
  });

  test("a client whose token is revoked on another node, and that cannot refresh, is logged out", async () => {
    const [one, other] = await startNodes();
    const { url } = other;
    const connection = createConnection({ url, storage: memoryStorage(token), logger: {} });
    onTestFinished(() => connection.dispose());
    await connection.whenConnected();
    await revoke(one.io, { subject: "alice" });
    const { error } = await untilIn(connection, "loggedOut.rejected");
    expect(error).toMatchObject({ reason: "invalid_token" });
  });
});
