import { expect, test } from "vitest";
import { amount } from "../../support/amount.js";
import { openRaw } from "../../support/raw-websocket.js";
import { startChild } from "./child.js";

/** What a side may use in all of a run, and is no growth: caches, and code that was compiled meanwhile. */
const ALLOWED = 384 * 1024;
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

/** Bytes of heap for each visit, once the first tenth of them has warmed the server up. */
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
  await visitUntil(Math.ceil(count / 10));
  const before = await heap();
  await visitUntil(count);
  const grown = (await heap()) - before;
  child.process.kill();
  return grown;
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
      `${count} ${what}: ${Math.round(stock / count)} bytes each by hand, ${Math.round(half / count)} with the server half`,
    );
    expect(half).toBeLessThan(2 * Math.max(stock, 0) + ALLOWED);
  },
);
