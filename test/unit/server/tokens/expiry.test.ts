import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLink, type Link } from "../../../../src/server/link.js";
import { createAlarm } from "../../../../src/server/timing.js";
import { type Credential, lifetimeOf as tellLifetime } from "../../../../src/server/tokens/credential.js";
import { createLinkIndex } from "../../../../src/server/tokens/link-index.js";
import { createLinkToken } from "../../../../src/server/tokens/link-token.js";
import {
  connected,
  deferred,
  listenForEnd,
  next,
  refused,
  serverSockets,
  signIn,
  startServer,
  tokenOf,
  userOf,
} from "../../../support/real-server.js";

const expired = { error: "invalid_token", error_description: "The token has expired." };
const auth = (token: string) => ({ auth: { token } });

describe("F27 when the token expires, with no traffic", () => {
  test.each([["websocket"], ["polling"]] as const)(
    "over %s goodbye comes first, then every namespace and the connection end",
    async (transport) => {
      let expiresAt = 0;
      const server = await startServer({
        before: (io) => io.of("/chat"),
        verify: async (token) => {
          expiresAt = Date.now() + 1_500;
          return { subject: userOf(token), expiresAt };
        },
      });
      const client = server.client({ transports: [transport] });
      const { control, sockets } = await signIn(client, tokenOf("alice"), ["/", "/chat"]);
      const heard = await listenForEnd(client, control, sockets);
      const late = Date.now() - expiresAt;
      console.log(`expiry over ${transport}: the connection had ended ${late} ms after it`);
      expect(heard).toEqual([expired, ...Array.from({ length: 3 }, () => "io server disconnect")]);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(1_000);
      await expect.poll(() => server.links.size).toBe(0);
      expect(serverSockets(server.io)).toEqual([]);
    },
  );

  test("a client that has not joined the control namespace is disconnected too", async () => {
    const server = await startServer({
      verify: async () => ({ subject: "alice", expiresAt: Date.now() + 500 }),
    });
    const socket = await connected(server.client().join("/", { token: tokenOf("alice") }));
    expect(await next(socket, "disconnect")).toBe("io server disconnect");
  });

  test("a connection whose namespaces are still deciding ends too", async () => {
    const server = await startServer({
      before: (io) => io.use(() => {}),
      verify: async () => ({ subject: "alice", expiresAt: Date.now() + 500 }),
    });
    const client = server.client();
    client.join("/", { token: tokenOf("alice") });
    await new Promise<void>((resolve) => client.manager.once("close", () => resolve()));
    expect(serverSockets(server.io)).toEqual([]);
  });

  test("grace puts it off", async () => {
    let expiresAt = 0;
    const server = await startServer({
      grace: 1_500,
      verify: async () => {
        expiresAt = Date.now() - 50;
        return { subject: "alice", expiresAt };
      },
    });
    const client = server.client();
    const { control, ready, sockets } = await signIn(client, tokenOf("alice"));
    expect(ready).toMatchObject({ expiresIn: expect.any(Number) });
    expect(await listenForEnd(client, control, sockets)).toContainEqual(expired);
    expect(Date.now() - expiresAt).toBeGreaterThanOrEqual(1_500);
  });
});

describe("F64 the lifetime that the client is told", () => {
  const lifetimeOf = (message: unknown): unknown => Reflect.get(Object(message), "expiresIn");

  test("has grace in it, at ready and when it is re-authenticated", async () => {
    // The issuer's clock is behind this one by more than the token's life.
    const server = await startServer({
      grace: 120_000,
      verify: async () => ({ subject: "alice", expiresAt: Date.now() - 30_000 }),
    });
    const { control, ready } = await signIn(server.client(), tokenOf("alice"));
    const answer: unknown = await control.emitWithAck("reauthenticate", auth(tokenOf("alice")));
    for (const lifetime of [lifetimeOf(ready), lifetimeOf(answer)].map(Number)) {
      expect(lifetime).toBeGreaterThan(80_000);
      expect(lifetime).toBeLessThanOrEqual(90_000);
    }
  });

  test.each([
    ["is over", 0],
    ["is over for long", -3_600_000],
    ["has less than a millisecond", 0.5],
    ["ends in the year nobody knows", Number.NaN],
  ])("is left out where it %s", (_, left) => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    try {
      expect(lifetimeOf(tellLifetime({ expiresAt: Date.now() + left }, 0))).toBe(undefined);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is left out at a ready that comes when the token is over", async () => {
    const server = await startServer({
      verify: async () => ({ subject: "alice", expiresAt: Date.now() + 1_000 }),
    });
    const { now } = Date;
    // The clock jumps before the control namespace is joined; the alarm has not been looked at yet.
    server.io.of("/rotor").use((_, next) => {
      vi.spyOn(Date, "now").mockImplementation(() => now() + 1_001);
      next();
    });
    const control = server.client().join("/rotor", { token: tokenOf("alice") });
    try {
      expect(await next(control, "ready")).not.toHaveProperty("expiresIn");
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe("a token that has expired already, although verify accepts it,", () => {
  test("is refused in the handshake", async () => {
    const server = await startServer({ verify: async () => ({ subject: "alice", expiresAt: Date.now() }) });
    expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toEqual(expired);
  });

  test("is refused in a re-authentication, and the connection goes on", async () => {
    const server = await startServer({
      verify: async () => ({
        subject: "alice",
        expiresAt: Date.now() + (server.verified.length === 1 ? 60_000 : 0),
      }),
    });
    const { control, sockets } = await signIn(server.client(), tokenOf("alice"));
    expect(await control.emitWithAck("reauthenticate", auth(tokenOf("alice")))).toEqual({
      ok: false,
      ...expired,
    });
    expect(sockets[0]?.connected).toBe(true);
  });
});

describe("re-authentication moves the expiry", () => {
  test("further away", async () => {
    let started = 0;
    const server = await startServer({
      verify: async () => {
        started ||= Date.now();
        return { subject: "alice", expiresAt: started + server.verified.length * 500 };
      },
    });
    const client = server.client();
    const { control, sockets } = await signIn(client, tokenOf("alice"));
    const end = listenForEnd(client, control, sockets);
    await control.emitWithAck("reauthenticate", auth(tokenOf("alice")));
    expect(await end).toContainEqual(expired);
    expect(Date.now() - started).toBeGreaterThanOrEqual(1_000);
  });

  test("nearer", async () => {
    const server = await startServer({
      verify: async () => ({
        subject: "alice",
        expiresAt: Date.now() + (server.verified.length === 1 ? 3_600_000 : 50),
      }),
    });
    const client = server.client();
    const { control, sockets } = await signIn(client, tokenOf("alice"));
    const end = listenForEnd(client, control, sockets);
    await control.emitWithAck("reauthenticate", auth(tokenOf("alice")));
    expect(await end).toContainEqual(expired);
  });
});

describe("F21 the alarm of a token", () => {
  test("of 40 days does not fire at once on a real server", async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): number => warnings.push(name);
    process.on("warning", onWarning);
    const server = await startServer({
      verify: async () => ({ subject: "alice", expiresAt: Date.now() + 40 * 86_400_000 }),
    });
    const { control, sockets } = await signIn(server.client(), tokenOf("alice"));
    for (let round = 0; round < 20; round += 1) await control.emitWithAck("sync");
    process.off("warning", onWarning);
    expect(sockets[0]?.connected).toBe(true);
    expect(warnings).toEqual([]);
  });

  test("of 40 days fires after 40 days, and leaves no timer when it is stopped", () => {
    vi.useFakeTimers();
    try {
      const day = 86_400_000;
      let fired = 0;
      const alarm = createAlarm(() => {
        fired += 1;
      });
      alarm.set(Date.now() + 40 * day);
      vi.advanceTimersByTime(40 * day - 1);
      expect(fired).toBe(0);
      vi.advanceTimersByTime(1);
      expect(fired).toBe(1);
      alarm.set(Date.now() + 1e20);
      vi.advanceTimersByTime(40 * day);
      expect(fired).toBe(1);
      alarm.stop();
      alarm.set(Date.now());
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each(["that its client closes", "that the server closes, while another token is being verified"])(
    "is gone with a connection %s",
    async (how) => {
      vi.useFakeTimers();
      try {
        const { conn, link, token, second } = await startLink();
        expect(vi.getTimerCount()).toBe(1);
        const answer = token.reauthenticate("second").catch((error: unknown) => error);
        if (how.startsWith("that its client")) conn.emit("close");
        else link.disconnectWithReason({ error: "temporarily_unavailable" });
        second.resolve({ subject: "alice", expiresAt: Date.now() + 86_400_000, data: {} });
        await answer;
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    },
  );
});

describe("F56 when the clock jumps", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());
  const day = 86_400_000;

  test("forward past the end, a link with an expired token is closed within a minute", async () => {
    const ended: unknown[] = [];
    const { link } = await startLink((expired) => ended.push(expired));
    vi.setSystemTime(Date.now() + 2 * day);
    vi.advanceTimersByTime(60_000);
    expect(ended).toEqual([link]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([[90_000], [day], [40 * day], [1e15]])(
    "forward past an end %i ms away, it is seen within a minute",
    (away) => {
      let fired = 0;
      const alarm = createAlarm(() => {
        fired += 1;
      });
      alarm.set(Date.now() + away);
      // In the middle of the wait, as after a sleep.
      vi.advanceTimersByTime(30_000);
      vi.setSystemTime(Date.now() + away);
      vi.advanceTimersByTime(59_999);
      expect(fired).toBe(1);
      vi.advanceTimersByTime(away < 1e10 ? away : day);
      expect(fired).toBe(1);
    },
  );

  test("backward, the end comes when the clock says so", () => {
    let fired = 0;
    const alarm = createAlarm(() => {
      fired += 1;
    });
    alarm.set(Date.now() + day);
    vi.advanceTimersByTime(day / 2);
    vi.setSystemTime(Date.now() - day);
    vi.advanceTimersByTime(day);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(day / 2);
    expect(fired).toBe(1);
  });
});

/** A link that carries a token of a day, on a connection that never finishes closing by itself. */
async function startLink(onExpired: (link: Link) => void = () => {}) {
  const second = deferred<Credential>();
  const conn = Object.assign(new EventEmitter(), { readyState: "open", request: {}, close() {} });
  const first: Credential = { subject: "alice", expiresAt: Date.now() + 86_400_000, data: {} };
  const link = createLink(conn, () => {});
  const token = createLinkToken(link, {
    verify: (text) => (text === "first" ? Promise.resolve(first) : second.promise),
    check() {},
    index: createLinkIndex(),
    createLimit: () => ({ take: () => 0 }),
    grace: 0,
    onExpired,
  });
  await token.admit("first");
  return { conn, link, token, second };
}
