// A server with the page, which notes when it sees a token for the first time.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Server } from "socket.io";
import { build } from "vite";
import { type Built, loadEdition } from "../harness/edition.js";
import { subjectOf } from "../harness/server.js";

const PAGE = fileURLToPath(new URL("./page.ts", import.meta.url));
const HTML = `<!doctype html><html lang="en"><title>bench</title><link rel="icon" href="data:,">
<script type="module" src="/page.js"></script></html>`;

export interface ServedPage {
  readonly url: string;
  /** When the server has seen this token, epoch milliseconds. */
  seen(token: string): Promise<number>;
  close(): Promise<void>;
}

/** Serves the page with an edition in it, and protects the server with its server half where that is wanted. */
export async function servePage({ folder }: Built, hasHalf: boolean): Promise<ServedPage> {
  const script = await bundle(folder);
  const http = createServer((request, response) => {
    if (request.url === "/page.js") response.setHeader("Content-Type", "text/javascript").end(script);
    else response.setHeader("Content-Type", "text/html").end(HTML);
  });
  const io = new Server(http, { serveClient: false });
  const times = new Map<string, number>();
  const waiting = new Map<string, (time: number) => void>();
  const note = (token: unknown): void => {
    if (typeof token !== "string" || times.has(token)) return;
    const time = performance.timeOrigin + performance.now();
    times.set(token, time);
    waiting.get(token)?.(time);
  };
  if (hasHalf) {
    const edition = await loadEdition(folder);
    const { authenticateToken } = await edition.server();
    authenticateToken(io, {
      async verify(token) {
        note(token);
        return { subject: subjectOf(token), data: {} };
      },
      identityKey: "the key of the bench's servers",
      maxReauthenticationsPerMinute: Number.POSITIVE_INFINITY,
      logger: {},
    });
  } else {
    io.use((socket, next) => {
      note(socket.handshake.auth["token"]);
      next();
    });
  }
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen: (token) =>
      new Promise((resolve) => {
        const time = times.get(token);
        if (time === undefined) waiting.set(token, resolve);
        else resolve(time);
      }),
    async close() {
      http.closeAllConnections();
      await io.close();
    },
  };
}

/** What the page imports as `socket-rotor` is the edition, as a bundler finds it for production. */
async function bundle(folder: string): Promise<string> {
  const { NODE_ENV } = process.env;
  const result = await build({
    configFile: false,
    envFile: false,
    root: fileURLToPath(new URL(".", import.meta.url)),
    publicDir: false,
    logLevel: "error",
    plugins: [
      {
        name: "edition",
        enforce: "pre",
        resolveId: (id, importer) =>
          id === "socket-rotor" && importer === PAGE ? `${folder}/client.mjs` : undefined,
      },
    ],
    build: { write: false, target: "es2022", modulePreload: false, rolldownOptions: { input: PAGE } },
  });
  // Vite makes it "production", which the processes that are started later would inherit.
  if (NODE_ENV === undefined) delete process.env["NODE_ENV"];
  for (const part of Array.isArray(result) ? result : [result]) {
    if (!("output" in part)) continue;
    const entry = part.output.find((file) => file.type === "chunk" && file.isEntry);
    if (entry?.type === "chunk") return entry.code;
  }
  throw new Error("Vite built no script for the page.");
}
