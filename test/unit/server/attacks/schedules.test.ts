import { setImmediate } from "node:timers/promises";
import type { SessionData } from "express-session";
import type { Socket } from "socket.io-client";
import { authenticateToken, memoryRevocations, revoke } from "socket-rotor/server";
import { expect, test } from "vitest";
import { installedOn } from "../../../../src/server/installed.js";
import { amount } from "../../../support/amount.js";
import { seeded } from "../../../support/random.js";
import { preConnect, serverSockets } from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { CountingStore, sessionOf, startSessions } from "../sessions/fixture.js";
import { pickBy } from "./frames.js";

const SCHEDULES = amount(15, 300);
const STEPS = 40;
const USERS = ["alice", "bob", "carol"];
const NAMESPACES = ["/", "/room-1", "/room-2"];

/** A few turns of the event loop. */
async function pause(random: () => number): Promise<void> {
  for (let turns = Math.floor(random() * 4); turns > 0; turns -= 1) await setImmediate();
}

/** A store that takes its time. */
class SlowStore extends CountingStore {
  random = seeded(1);

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    void pause(this.random).then(() => super.get(id, callback));
  }

  override set(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
    void pause(this.random).then(() => super.set(id, data, callback));
  }

  override destroy(id: string, callback?: (error?: unknown) => void): void {
    void pause(this.random).then(() => super.destroy(id, callback));
  }
}

/** Runs a schedule, and answers with what it breaks. */
async function run(seed: number): Promise<string[]> {
  const random = seeded(seed);
  const pick = pickBy(random);
  const store = new SlowStore();
  let isVerifying = 0;
  const server = await startSessions({
    store,
    before: (io) => {
      for (const room of NAMESPACES) io.of(room).use((_, next) => void pause(random).then(() => next()));
      authenticateToken(io, {
        revocations: memoryRevocations(),
        maxReauthenticationsPerMinute: Number.POSITIVE_INFINITY,
        logger: {},
        verify: async (token) => {
          isVerifying += 1;
          await pause(random);
          isVerifying -= 1;
          const [subject = "", issuedAt, tokenId = ""] = token.split("~");
          return { subject, issuedAt: Number(issuedAt), tokenId };
        },
      });
    },
  });
  const installed = installedOn(server.io);
  if (installed?.tokens === undefined || installed.sessions === undefined)
    throw new Error("Nothing is set up.");
  const { tokens, sessions } = installed;

  const revokedAt = new Map<string, number>();
  const revokedIds = new Set<string>();
  const requiredAt = new Map<string, number>();
  /** When everybody has had the time for a newer token, and the timers are through. */
  let allOver = 0;
  const issued: string[] = [];
  const browsers = [server.browser(), server.browser()];
  const open: { client: ReturnType<(typeof browsers)[number]["client"]>; control: Socket }[] = [];
  const work: Promise<unknown>[] = [];

  const tokenFor = (user: string): string => {
    const token = `${user}~${Date.now()}~${issued.length}`;
    issued.push(token);
    return token;
  };
  /** A new one, or one that has been about for a while. */
  const anyToken = (): string => (issued.length > 0 && random() < 0.4 ? pick(issued) : tokenFor(pick(USERS)));

  const OPERATIONS: (() => unknown)[] = [
    () => {
      const client = pick(browsers).client();
      const token = anyToken();
      for (const room of NAMESPACES) if (random() < 0.5) client.join(room, { token });
      open.push({ client, control: client.join("/rotor", { token }) });
    },
    () => {
      if (open.length === 0) return;
      pick(open).control.emit("reauthenticate", { auth: { token: anyToken() } }, () => {});
    },
    () => {
      const subject = pick(USERS);
      revokedAt.set(subject, Date.now());
      work.push(revoke(server.io, { subject }));
    },
    () => {
      if (issued.length === 0) return;
      const [, , tokenId = ""] = pick(issued).split("~");
      revokedIds.add(tokenId);
      work.push(revoke(server.io, { tokenId }));
    },
    () => {
      // As another node says it, whose clients may have less time than `requireReauthentication` takes.
      const [subject, at, within] = [pick(USERS), Date.now(), Math.floor(random() * 30)];
      requiredAt.set(subject, at);
      allOver = Math.max(allOver, at + within + 20);
      server.io.of("/rotor")._onServerSideEmit(["require-reauthentication", { subject, at, within }]);
    },
    () => work.push(pick(browsers).post(`/login?user=${pick(USERS)}`)),
    () => work.push(pick(browsers).post(`/regenerate?user=${pick(USERS)}`)),
    () => work.push(pick(browsers).post("/logout")),
    () => {
      if (open.length > 0) pick(open).client.manager._close();
    },
  ];
  // Half of what happens is somebody who comes, so that there is somebody to be ended.
  const [connect] = OPERATIONS;
  for (const browser of browsers) await browser.post(`/login?user=${pick(USERS)}`);
  for (let step = 0; step < STEPS; step += 1) {
    if (random() < 0.5) connect?.();
    else pick(OPERATIONS)();
    await pause(random);
  }
  await Promise.all(work);
  const reads = (): number => store.reads;
  await expect
    .poll(async () => {
      const before = reads();
      for (let turn = 0; turn < 20; turn += 1) await setImmediate();
      return preConnect(server.io) + isVerifying + reads() - before + Math.max(0, allOver - Date.now());
    })
    .toBe(0);

  const broken: string[] = [];
  const all = [...serverSockets(server.io), ...server.io.of("/rotor").sockets.values()];
  for (const socket of all) {
    const link = server.links.of(socket.conn);
    const credential = link && tokens.credentialOf(link);
    if (link === undefined || credential === undefined) {
      broken.push("a socket has no token");
      continue;
    }
    const { subject, tokenId = "", issuedAt = 0 } = credential;
    const stored = store.stored(sessionOf(socket).id);
    if (socket.data.identity !== subject) broken.push("a socket is not its token's");
    if (revokedIds.has(tokenId)) broken.push("a token that was revoked by its id is in use");
    if (issuedAt <= (revokedAt.get(subject) ?? 0))
      broken.push("a token that was revoked by its user is in use");
    if (issuedAt <= (requiredAt.get(subject) ?? 0)) broken.push("a token is in use that had to be newer");
    if (stored === undefined) broken.push("a session that was destroyed is in use");
    else if (stored["user"] !== sessions.identityOf(link)) broken.push("a session is another user's");
    if (!tokens.index.find({ subject, tokenId }).includes(link)) broken.push("a link is not in the index");
  }
  for (const { client } of open) client.manager._close();
  await expect.poll(() => server.io.engine.clientsCount + server.links.size).toBe(0);
  if (USERS.some((subject) => tokens.index.find({ subject }).length > 0))
    broken.push("the index keeps a link");
  return broken;
}

test(`${SCHEDULES} random schedules of handshakes, re-authentications, revocations and sessions that change`, {
  timeout: 600_000,
}, async () => {
  const uncaught = await collectUncaught(async () => {
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      expect(await run(seed), `with the seed ${seed}`).toEqual([]);
    }
  });
  expect(uncaught).toEqual([]);
});
