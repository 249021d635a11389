import type { Server as HttpServer } from "node:http";
import type { Server } from "socket.io";
import { onTestFinished } from "vitest";
import { listen } from "../../support/listen.js";
import { untyped } from "../../support/untyped.js";
import { packagesOf } from "../session-sources/fixture/packages.js";
import { listenOn, type Routes, secure } from "./fixture/application.js";
import { exampleOf, loadOurs } from "./fixture/document.js";
import { describeTokens } from "./fixture/life.js";

interface Context {
  readonly req: { query(name: string): string | undefined };
  json(value: unknown): object;
}
interface Hono {
  get(path: string, handler: (context: Context) => object): unknown;
  post(path: string, handler: (context: Context) => Promise<object>): unknown;
}

const load = packagesOf("hono");
const { Hono } = untyped<{ Hono: new () => Hono }>(load("hono"));
const serveHono = exampleOf<(app: Hono, secure: (io: Server) => void) => HttpServer>("serveHono", (name) =>
  name.startsWith("@hono/") ? load(name) : loadOurs(name),
);

async function start() {
  const app = new Hono();
  let routes: Routes | undefined;
  let io: Server | undefined;
  const http = serveHono(app, (made) => {
    secure(made);
    routes = listenOn(made);
    io = made;
  });
  app.get("/state", (context) => context.json(routes?.state()));
  app.post("/revoke", async (context) => context.json(await routes?.revoke(context.req.query("user") ?? "")));
  onTestFinished(() => io?.close());
  return { url: await listen(http) };
}

describeTokens("Hono on Node", start);
