import { expect, test } from "vitest";
import { amount } from "../../support/amount.js";
import { openRaw } from "../../support/raw-websocket.js";
import { startChild } from "./child.js";

/** By how much the middle stretch of a side differs from one run to the next, in bytes. */
const ALLOWED = 48 * 1024;
/** A run is that many stretches of equal length. */
const STRETCHES = 10;
const AT_ONCE = 20;

/** One visit of a client that is not seen again. */
type Visit = (url: string, index: number) => Promise<unknown>;

/** Joins with a token, and leaves when it is answered. */
const connect =
  (token: string): Visit =>
  async (url, index) => {
    const socket = await openRaw(url);
    socket.send(`40{"token":"${token}-${index}-${"x".repeat(600)}"}`);
    await socket.next("4");
    socket.destroy();
  };

/** Is cut at one of three points: before CONNECT, in the middle of it, and before its answer. */
const cut: Visit = async (url, index) => {
  const socket = await openRaw(url);
  if (index % 3 > 0) socket.send(`40{"token":"good-${index}`.concat(index % 3 === 1 ? "" : '"}'));
  socket.destroy();
  await socket.closed;
};

/** Signs in, joins with the session, and leaves. The session stays in the store. */
const signIn: Visit = async (url) => {
  const answer = await fetch(`${url}/login`, { method: "POST", headers: { connection: "close" } });
  await answer.arrayBuffer();
  const [cookie = ""] = (answer.headers.getSetCookie()[0] ?? "").split(";");
  const socket = await openRaw(url, { cookie });
  socket.send("40");
  await socket.next("4");
  socket.destroy();
};

/**
 * Bytes of heap by which a server grows in a stretch of visits. What grows with the visits does so in each of them; code
 * that is compiled, caches that fill up and what V8 throws away at last come in some of them, so the middle one counts.
 */
async function growthOf(side: string, credential: string, visit: Visit, count: number): Promise<number> {
  const child = startChild("server-heap.child.ts", [side, credential], ["--expose-gc"]);
  const url = await child.line();
  let index = 0;
  const visitUntil = async (end: number): Promise<void> => {
    const visitor = async (): Promise<void> => {
      while (index < end) await visit(url, index++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, visitor));
  };
  const heap = async (): Promise<number> => {
    child.process.stdin?.write("heap\n");
    return Number(await child.line());
  };
  const grown: number[] = [];
  let before = Number.NaN;
  for (let stretch = 1; stretch <= STRETCHES; stretch++) {
    await visitUntil((count * stretch) / STRETCHES);
    const now = await heap();
    // The first warms the server up.
    if (stretch > 1) grown.push(now - before);
    before = now;
  }
  child.process.kill();
  return grown.sort((one, other) => one - other)[Math.floor(grown.length / 2)] ?? Number.NaN;
}

test.each<[what: string, credential: string, visit: Visit, count: number]>([
  ["connects", "token", connect("good"), amount(1_000, 50_000)],
  ["refusals", "token", connect("bad"), amount(1_000, 20_000)],
  ["cut handshakes", "token", cut, amount(1_000, 20_000)],
  ["sessions", "session", signIn, amount(300, 5_000)],
])(
  "the heap of a server grows by %s at most twice as much as that of a stock server",
  {
    timeout: 3_600_000,
  },
  async (what, credential, visit, count) => {
    const [stock, half] = [
      await growthOf("stock", credential, visit, count),
      await growthOf("half", credential, visit, count),
    ];
    console.info(
      `${count} ${what}: a stretch of ${count / STRETCHES} takes ${stock} bytes by hand, ${half} with the server half`,
    );
    expect(half).toBeLessThan(2 * Math.max(stock, 0) + ALLOWED);
  },
);
