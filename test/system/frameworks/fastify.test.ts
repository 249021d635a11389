import type { Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { Server } from "socket.io";
import { expect, onTestFinished, test } from "vitest";
import { addressOf } from "../../support/listen.js";
import { untyped } from "../../support/untyped.js";
import { packagesOf } from "../session-sources/fixture/packages.js";
import { listenOn, ORIGIN, secure } from "./fixture/application.js";
import { exampleOf } from "./fixture/document.js";
import { connect, describeTokens, tokenOf } from "./fixture/life.js";

interface Address {
  port: number;
  host?: string;
}
interface Fastify {
  readonly server: HttpServer;
  get(path: string, handler: () => Promise<object>): unknown;
  post(path: string, handler: (request: { query: { user: string } }) => Promise<object>): unknown;
  listen(address: Address): Promise<string>;
  addresses(): { address: string; port: number; family: string }[];
  close(): Promise<void>;
}

const dns = untyped<{ lookup: unknown }>(createRequire(import.meta.url)("node:dns"));
const fastify = untyped<() => Fastify>(packagesOf("fastify-session")("fastify"));
const addToFastify = exampleOf<(app: Fastify, secure: (io: Server) => void) => Server>("addToFastify");

async function begin(address: Address) {
  const app = fastify();
  const { state, revoke } = listenOn(addToFastify(app, secure));
  app.get("/state", async () => state());
  app.post("/revoke", async ({ query }) => ({ done: await revoke(query.user) }));
  await app.listen(address);
  // It would not end without the hook of the document.
  onTestFinished(() => app.close());
  return { app, url: addressOf(app.server) };
}

describeTokens("Fastify", () => begin({ port: 0, host: "127.0.0.1" }));

test("app.close() sends the clients away, and ends", async () => {
  const running = await begin({ port: 0, host: "127.0.0.1" });
  const connection = connect(running, "websocket", tokenOf("ada", 1));
  await connection.whenConnected();
  await running.app.close();
  expect(running.app.server.listening).toBe(false);
  await expect.poll(() => connection.getSnapshot().error?.reason).toBe("temporarily_unavailable");
});

test("without a host Fastify may have two servers, of which Socket.IO is on the first alone", async () => {
  const { lookup } = dns;
  onTestFinished(() => void Reflect.set(dns, "lookup", lookup));
  // As where localhost is 127.0.0.1 and ::1.
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  Reflect.set(dns, "lookup", (host: string, ...given: unknown[]) => {
    const answer = untyped<(error: null, ...found: unknown[]) => void>(given.pop());
    const isFastify = given.length > 0; // it asks for all of them
    const address = host === "localhost" ? "127.0.0.1" : host;
    process.nextTick(answer, null, ...(isFastify ? [addresses] : [address, 4]));
  });
  const { app } = await begin({ port: 0 });
  const statuses = app.addresses().map(async ({ address, port }) => {
    const headers = { origin: ORIGIN, connection: "close" };
    const url = `http://${address}:${port}/socket.io/?EIO=4&transport=polling`;
    return (await fetch(url, { headers })).status;
  });
  expect((await Promise.all(statuses)).sort()).toEqual([200, 404]);
});
