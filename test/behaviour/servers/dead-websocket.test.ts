import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { blackHole, faultyNetwork } from "../../system/faults/fixture/network";
import { startServer } from "../../system/leaks/server";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

test("G9 a Node process whose websocket has gone dead ends soon after dispose()", async () => {
  const server = await startServer();
  onTestFinished(() => server.close());
  const network = await faultyNetwork(server.url);
  const script = fileURLToPath(new URL("dead-websocket.child.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, network.url], { cwd: ROOT });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "close");
  const said: string[] = [];
  const lines = (count: number) => expect.poll(() => said.join("").split("\n").length - 1).toBe(count);
  child.stdout.on("data", (data) => said.push(String(data)));
  child.stderr.on("data", (data) => said.push(String(data)));
  await lines(1);
  network.fail(blackHole);
  child.stdin.write("go on\n");
  await lines(2);
  // It would wait for the other side half a minute.
  const patience = AbortSignal.timeout(15_000);
  const overdue = once(patience, "abort").then(() => ["still there"]);
  expect(await Promise.race([ended, overdue])).toEqual([0, null]);
  expect(said.join("")).toBe("connected\ndisposed\n");
});
