import { expect, test } from "vitest";
import { until } from "../fixture/client.js";
import { startBalancer } from "./fixture/balancer.js";
import { startNode } from "./fixture/node.js";
import { startRedis } from "./fixture/redis.js";
import { signIn } from "./fixture/user.js";

test("polling through a balancer that is not sticky: the error says what is wrong and what to do", async () => {
  const redis = await startRedis();
  const [one, other] = await Promise.all([startNode({ redis: redis.url }), startNode({ redis: redis.url })]);
  const balancer = await startBalancer(one.url, other.url);
  const alice = await signIn(balancer, "alice");

  const polling = alice.connection(balancer, { transport: "polling" });
  const { error, status } = await until(polling, (snapshot) => snapshot.error?.status === 400);
  expect(status).toBe("connecting");
  expect(error?.code).toBe("ERR_TRANSPORT");
  expect(error?.message).toContain("make the load balancer sticky");

  // What the error says to do.
  await alice.connection(balancer, { transport: "websocket" }).whenConnected();
  balancer.targets.splice(0, 1);
  await polling.whenConnected();
});
