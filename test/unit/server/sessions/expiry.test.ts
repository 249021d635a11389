import type { SessionData } from "express-session";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SessionAlarm } from "../../../../src/server/sessions/session-watch.js";
import { listenForEnd, serverSockets } from "../../../support/real-server.js";
import { CountingStore, type Settings, startSessions } from "./fixture.js";

const ENDED = expect.objectContaining({ error: "session_ended" });
const maxAge = 2_500;
/** Long before the re-check, however busy the machine is. */
const SOON = 5_000;

/** Signs alice in for a short while, where nothing but the expiry has her session read again. */
async function alice(settings: Settings = {}, transport: "websocket" | "polling" = "websocket") {
  const server = await startSessions({ session: { cookie: { maxAge } }, ...settings });
  server.io.on("connection", (socket) => socket.on("hello", (answer) => answer()));
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const connected = await browser.connect({ transports: [transport] });
  const end = listenForEnd(connected.client, connected.control, connected.sockets);
  return { server, browser, end, ...connected };
}

/** Writes another end of a session past everything that could be heard of, as another node does. */
function putOff(store: CountingStore, id: string, by: number): number {
  const { cookie, ...rest } = JSON.parse(store.sessions[id] ?? "{}");
  const expires = new Date(Date.now() + by);
  store.sessions[id] = JSON.stringify({ ...rest, cookie: { ...cookie, expires } });
  return expires.getTime();
}

/** Keeps a session that was touched longer than it says when it is asked, as connect-redis does. */
class KeepingStore extends CountingStore {
  readonly #ends = new Map<string, number>();

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.reads += 1;
    const text = this.sessions[id];
    const isThere = text !== undefined && (this.#ends.get(id) ?? 0) > Date.now();
    setImmediate(() => callback(null, isThere ? JSON.parse(text) : null));
  }

  override set(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
    this.#ends.set(id, Number(data.cookie.expires));
    super.set(id, data, callback);
  }

  override touch(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
    this.touches += 1;
    this.#ends.set(id, Number(data.cookie.expires));
    setImmediate(() => callback?.());
  }
}

describe.each(["websocket", "polling"] as const)("F32 a session that expires, over %s", (transport) => {
  test("ends its connections then, though nothing else has it read again", async () => {
    const { server, browser, end } = await alice({}, transport);
    const expires = Date.parse(
      JSON.parse(JSON.stringify(server.store.stored(browser.id)?.["cookie"])).expires,
    );
    expect((await end)[0]).toEqual(ENDED);
    expect(Date.now()).toBeGreaterThanOrEqual(expires);
    expect(Date.now() - expires).toBeLessThan(SOON);
    expect(serverSockets(server.io)).toEqual([]);
  });
});

describe("F32 the store decides whether a session has expired", () => {
  test("one that another node has put off goes on, and ends when it does", async () => {
    const { server, browser, end } = await alice();
    const expires = putOff(server.store, browser.id, maxAge * 2);
    expect((await end)[0]).toEqual(ENDED);
    expect(Date.now()).toBeGreaterThanOrEqual(expires);
    expect(Date.now() - expires).toBeLessThan(SOON);
  });

  test("one that was touched ends then, also where the store does not say so when it is asked", async () => {
    const { browser, end } = await alice({ store: new KeepingStore() });
    await new Promise((resolve) => setTimeout(resolve, maxAge / 2));
    await browser.post("/me");
    const touched = Date.now();
    expect((await end)[0]).toEqual(ENDED);
    expect(Date.now() - touched).toBeGreaterThanOrEqual(maxAge - 100);
    expect(Date.now() - touched).toBeLessThan(maxAge + SOON);
  });

  test("an outage at that moment signs nobody out, and the session ends once the store answers", async () => {
    const { server, end, socket } = await alice();
    server.store.state = "failing";
    const { reads } = server.store;
    await expect.poll(() => server.store.reads, { timeout: maxAge + SOON }).toBeGreaterThan(reads + 1);
    expect(socket.connected).toBe(true);
    server.store.recover();
    expect((await end)[0]).toEqual(ENDED);
  });

  test("one without connections any more is not read when it ends", async () => {
    const { server, client } = await alice();
    client.manager._close();
    await expect.poll(() => server.links.size).toBe(0);
    const { reads } = server.store;
    await new Promise((resolve) => setTimeout(resolve, maxAge + 50));
    expect(server.store.reads).toBe(reads);
  });

  test("one as long as the browser's has no end to wait for", async () => {
    const { server } = await alice({ session: {} });
    const { reads } = server.store;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.store.reads).toBe(reads);
  });
});

describe("reading a session when it may have expired", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function start() {
    const begun = Date.now();
    const reads: number[] = [];
    const expiry = new SessionAlarm(() => reads.push(Date.now() - begun));
    return { expiry, reads, at: (time: number) => begun + time };
  }

  test("happens then and twice within the next second, for stores that count in seconds, and no more", () => {
    const { expiry, reads, at } = start();
    expiry.setStored(at(5_000));
    vi.advanceTimersByTime(60_000);
    expect(reads).toEqual([5_000, 5_100, 6_000]);
    // The same answer again is no news.
    expiry.setStored(at(5_000));
    expect(vi.getTimerCount()).toBe(0);
  });

  test("F56 happens within a minute of a clock that jumps past the end, and again where it is set back", () => {
    const { expiry, reads, at } = start();
    const day = 86_400_000;
    expiry.setStored(at(day));
    vi.setSystemTime(at(2 * day));
    vi.advanceTimersByTime(60_000);
    expect(reads).toHaveLength(1);
    vi.setSystemTime(at(0));
    expiry.setStored(at(day));
    vi.advanceTimersByTime(day);
    expect(reads).toHaveLength(2);
  });

  test("is put off by a later end, and moved by an earlier one", () => {
    const { expiry, reads, at } = start();
    expiry.setStored(at(5_000));
    expiry.setStored(at(9_000));
    vi.advanceTimersByTime(8_999);
    expect(reads).toEqual([]);
    expiry.setStored(at(30_000));
    expiry.setStored(at(20_000));
    vi.advanceTimersByTime(11_001);
    expect(reads).toEqual([20_000]);
  });

  test("does not happen once the session is as long as the browser's", () => {
    const { expiry, at } = start();
    expiry.setStored(at(5_000));
    expiry.setStored(undefined);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("keeps the end of a touch while the store goes on to answer with the old one", () => {
    const { expiry, reads, at } = start();
    expiry.setStored(at(5_000));
    expiry.setTouched(at(20_000));
    vi.advanceTimersByTime(10_000);
    expiry.setStored(at(5_000));
    vi.advanceTimersByTime(60_000);
    expect(reads).toEqual([5_000, 5_100, 6_000, 20_000, 20_100, 21_000]);
  });

  test("F21 does not happen at once for an end in forty days, but in forty days", () => {
    const { expiry, reads, at } = start();
    const days = 40 * 86_400_000;
    expiry.setStored(at(days));
    vi.advanceTimersByTime(days - 1);
    expect(reads).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(reads).toEqual([days]);
  });

  test("leaves no timer once it is stopped", () => {
    const { expiry, at } = start();
    expiry.setStored(at(5_000));
    expiry.stop();
    expiry.setTouched(at(6_000));
    expect(vi.getTimerCount()).toBe(0);
  });
});
