import { expect, onTestFinished, test } from "vitest";
import { startNode } from "./fixture/node.js";
import { startRedis } from "./fixture/redis.js";
import { report } from "./fixture/report.js";
import { signIn } from "./fixture/user.js";

const OUTAGE = { error: "temporarily_unavailable" };

test("F32 while Redis hangs, nobody gets in, nobody is signed out, and HTTP answers 503", async () => {
  const redis = await startRedis();
  const node = await startNode({ redis: redis.url, storeTimeout: 400, share: { recheckInterval: 100 } });
  node.io.on("connection", (socket) => socket.on("hello", (answer: () => void) => answer()));
  const alice = await signIn(node, "alice");
  const open = alice.join(node);
  await open.ready;

  onTestFinished(() => redis.resume());
  redis.hang();
  const begun = performance.now();
  const late = alice.join(node);
  const waiting = alice.connection(node);
  const [heard, answer] = await Promise.all([late.ended, alice.post(node, "/logout")]);
  report("a handshake and a request while Redis hangs", [performance.now() - begun]);
  expect(heard).toMatchObject([OUTAGE]);
  expect([answer.status, Number(answer.headers.get("retry-after"))]).toEqual([503, 5]);
  await expect.poll(() => waiting.getSnapshot().error?.reason).toBe("temporarily_unavailable");
  expect(waiting.getSnapshot().status).toBe("connecting");
  await open.socket.emitWithAck("hello");

  redis.resume();
  await waiting.whenConnected();
  expect(open.socket.connected).toBe(true);
});
