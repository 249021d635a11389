import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { ask, connect, describeSessions, describeTokens, type Running, tokenOf } from "./fixture/life.js";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const BUN = path("../../ecosystem/bun/node_modules/.bin/bun");

/** Runs the program in Bun, and answers with the first that it prints. It ends with the test. */
async function run(kind: string): Promise<string> {
  const child = spawn(BUN, [path("fixture/bun.child.ts"), kind], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.stdin.end();
    await ended;
  });
  const [printed] = await once(child.stdout.setEncoding("utf8"), "data");
  child.stdout.resume();
  return String(printed).trim();
}

const start = async (kind: "tokens" | "sessions" | "engine"): Promise<Running> => ({ url: await run(kind) });

describeTokens("Bun with node:http", () => start("tokens"));
describeSessions("Bun with node:http and Express", () => start("sessions"));
describeTokens("F61 Bun with its own engine", () => start("engine"), { hasOrigins: false });

test("F61 the engine for Bun is heard when a connection ends, and each one that is open is sent away", async () => {
  const running = await start("engine");
  const [gone, open] = ["ada", "grace"].map((user) => connect(running, "websocket", tokenOf(user, 1)));
  await Promise.all([gone?.whenConnected(), open?.whenConnected()]);
  gone?.dispose();
  await expect.poll(() => ask(running, "/state")).toMatchObject({ open: 1 });
  // One that joins no namespace.
  await fetch(`${running.url}/socket.io/?EIO=4&transport=polling`);
  const lines = [expect.stringContaining("drain: 1 connections")];
  expect(await ask(running, "/drain")).toEqual({ lines, connections: 0 });
  expect(await ask(running, "/state")).toMatchObject({ open: 0 });
});

test("F61 what cannot run on the engine for Bun is refused at start, by its name", async () => {
  const said: string[] = JSON.parse(await run("guards"));
  const line = /^ERR_SERVER_SETUP (allowOrigins|limitHandshakes|shareSession)\b.*@socket\.io\/bun-engine/;
  expect(said).toEqual([
    expect.stringMatching(line),
    expect.stringMatching(line),
    expect.stringMatching(line),
  ]);
});
