import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import express, { type RequestHandler } from "express";
import { authRoutes } from "./server/auth-routes.js";
import { bundlePage } from "./server/bundle-page.js";
import { demoRoutes } from "./server/demo-routes.js";
import { errorHandler, notFound } from "./server/error-handler.js";
import { ownOrigins } from "./server/own-origins.js";
import { pageRoutes } from "./server/page-routes.js";
import { loadSigningKey } from "./server/signing-key.js";
import { serveSockets } from "./server/sockets.js";
import { createTokens } from "./server/tokens.js";

const DEFAULT_KEY_FILE = fileURLToPath(new URL("../../.playground/key.json", import.meta.url));
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface PlaygroundOptions {
  /** The port to listen on; `0` takes any free one. */
  port: number;
  /** The address to listen on. Default: `127.0.0.1`, this computer only. */
  host?: string;
  /** Where the signing key is kept. Default: `.playground/key.json` in the repository. */
  keyFile?: string;
  /** How long an access token is good for, in milliseconds, whole seconds up to a day. Default: one minute. */
  tokenLifetime?: number;
}

export interface Playground {
  /** Where the page is. */
  url: string;
  port: number;
  /** Disconnects everybody and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts the playground: the page, the routes that issue tokens, and the Socket.IO servers that check them.
 *
 * @throws where the port is taken, or the signing key cannot be read
 */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { port, host = "127.0.0.1", keyFile = DEFAULT_KEY_FILE, tokenLifetime = MINUTE } = options;
  if (tokenLifetime < 1_000 || tokenLifetime > DAY || tokenLifetime % 1_000 !== 0) {
    throw new RangeError(
      `tokenLifetime is ${tokenLifetime}: it takes whole seconds, in milliseconds, up to a day.`,
    );
  }
  const [key, bundle] = await Promise.all([loadSigningKey(keyFile), bundlePage()]);
  const tokens = createTokens(key, { access: tokenLifetime, refresh: DAY });

  const origins = new Set<string>();
  const sockets = serveSockets({
    verify: tokens.verifyAccess,
    // From the key, so that a client knows its user again after a restart.
    identityKey: createHmac("sha256", key).update("identity").digest(),
    isOwnOrigin: (origin) => origins.has(origin),
  });

  const app = express().disable("x-powered-by");
  const http = createServer((request, response) => {
    const node = sockets.nodeFor(request);
    if (node === undefined) app(request, response);
    else node.handle(request, response);
  });
  http.on("upgrade", (request, socket, head) => {
    const node = sockets.nodeFor(request);
    if (node === undefined) socket.destroy();
    else node.upgrade(request, socket, head);
  });

  app.use(["/auth", "/demo"], neverCached, express.json({ limit: "10kb" }));
  app.use("/auth", authRoutes(tokens, DAY));
  app.use("/demo", demoRoutes(tokens, sockets));
  app.use(pageRoutes(bundle));
  app.use(notFound, errorHandler);

  try {
    http.listen(port, host);
    await once(http, "listening");
  } catch (error) {
    await sockets.close();
    throw error;
  }

  const address = http.address();
  const actualPort = typeof address === "object" && address !== null ? address.port : port;
  for (const origin of ownOrigins(host, actualPort)) origins.add(origin);
  return {
    url: `http://localhost:${actualPort}`,
    port: actualPort,
    close: async () => {
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await Promise.all([sockets.close(), closed]);
    },
  };
}

const neverCached: RequestHandler = (_request, response, next) => {
  response.set("Cache-Control", "no-store");
  next();
};
