import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Server as HttpServer, RequestListener } from "node:http";
import { fileURLToPath } from "node:url";
import type { RequestHandler } from "express";
import type { Server } from "socket.io";
import { afterAll, beforeAll, expect } from "vitest";
import { listen } from "../../support/listen.js";
import { packagesOf } from "../session-sources/fixture/packages.js";
import { listenOn, secure, sessionMiddleware, share } from "./fixture/application.js";
import { exampleOf, loadOurs } from "./fixture/document.js";
import { ask, describeSessions, describeTokens, type Running } from "./fixture/life.js";

type Secure = (io: Server) => void;
type Wrap = (handle: RequestListener) => RequestListener;
interface Options {
  dir: string;
  dev: boolean;
}

/** The pages are there: routes, and a page that takes every other address, that of Socket.IO too. */
const dir = fileURLToPath(new URL("../../ecosystem/next", import.meta.url));
const load = packagesOf("next");
const serveNext = exampleOf<(options: Options, secure: Secure, wrap?: Wrap) => Promise<HttpServer>>(
  "serveNext",
  (name) => (name === "next" ? load(name) : loadOurs(name)),
);
const before = exampleOf<(session: RequestHandler) => Wrap>("before");

beforeAll(async () => {
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const build = spawn(process.execPath, [load.resolve("next/dist/bin/next"), "build"], { cwd: dir, env });
  let printed = "";
  for (const stream of [build.stdout, build.stderr]) stream.on("data", (text) => (printed += text));
  const [code] = await once(build, "exit");
  expect(code, printed).toBe(0);
}, 240_000);

/** One application of Next.js a set-up, as a process has: what a test has left of it, the next one does not see. */
function applicationOf(guard: Secure, wrap?: Wrap): () => Promise<Running> {
  let started: Promise<Running> | undefined;
  const seen: unknown[] = [];
  const start = async (): Promise<Running> => {
    const secured = (io: Server): void => {
      guard(io);
      // Where the routes find it: they are bundled apart.
      Reflect.set(globalThis, "routes", listenOn(io, seen));
      servers.push(io);
    };
    const http = await serveNext({ dir, dev: false }, secured, wrap);
    return { url: await listen(http), at: "/api" };
  };
  return async () => {
    started ??= start();
    const running = await started;
    // With its first request Next.js begins to listen for upgrades.
    await expect.poll(() => ask(running, "/state")).toMatchObject({ open: 0 });
    seen.length = 0;
    return running;
  };
}
const servers: Server[] = [];
afterAll(async () => void (await Promise.all(servers.map((io) => io.close()))));

describeTokens("Next.js", applicationOf(secure));
const session = sessionMiddleware();
describeSessions(
  "Next.js",
  applicationOf((io) => share(io, session), before(session)),
);
