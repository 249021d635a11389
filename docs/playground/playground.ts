import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import express from "express";
import expressSession from "express-session";
import { clientNames } from "./events.js";
import { authRoutes } from "./server/auth-routes.js";
import { bundlePage } from "./server/bundle-page.js";
import { demoRoutes } from "./server/demo-routes.js";
import { errorHandler, notFound } from "./server/error-handler.js";
import { openNetwork } from "./server/network.js";
import { networkRoutes } from "./server/network-routes.js";
import { ownOrigins } from "./server/own-origins.js";
import { ownPagesOnly } from "./server/own-pages.js";
import { pageRoutes } from "./server/page-routes.js";
import { takePort } from "./server/port.js";
import { openRedis } from "./server/redis.js";
import { sessionRoutes } from "./server/session-routes.js";
import { loadSigningKey } from "./server/signing-key.js";
import { serveSockets } from "./server/sockets.js";
import { createTokens } from "./server/tokens.js";
import { worldRoutes } from "./server/world-routes.js";

export const DEFAULT_KEY_FILE = fileURLToPath(new URL("../../.playground/key.json", import.meta.url));
/** Short, so that somebody who watches sees a token refreshed ahead of its expiry. */
const LIFETIME = 20_000;
const DAY = 24 * 60 * 60_000;
/** How long a server is gone that is restarted. */
const RESTART = 3_000;

export interface PlaygroundOptions {
  /** The port to listen on; `0` takes any free one. */
  port: number;
  /** The address to listen on. Default: `127.0.0.1`, this computer only. */
  host?: string;
  /** Where the signing key is kept. Default: `.playground/key.json` in the repository. */
  keyFile?: string;
  /** How long an access token is good for, in milliseconds, whole seconds up to a day. Default: 20 seconds. */
  tokenLifetime?: number;
  /** Where the Redis is that keeps the sessions and connects the nodes. Default: none, all is in memory. */
  redis?: string;
  /** The ports of all nodes, this one's among them. Default: this one is alone. */
  nodes?: readonly number[];
}

export interface Playground {
  /** Where the page is. */
  url: string;
  port: number;
  /** Disconnects everybody and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts the playground: the pages, the routes that issue tokens, the Socket.IO servers that check them, and a network
 * for each client.
 *
 * @throws where the port is taken, the signing key cannot be read, or Redis does not answer
 */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { host = "127.0.0.1", keyFile = DEFAULT_KEY_FILE, tokenLifetime = LIFETIME } = options;
  if (tokenLifetime < 1_000 || tokenLifetime > DAY || tokenLifetime % 1_000 !== 0) {
    throw new RangeError(
      `tokenLifetime is ${tokenLifetime}: it takes whole seconds, in milliseconds, up to a day.`,
    );
  }
  const [key, bundle, shared] = await Promise.all([
    loadSigningKey(keyFile),
    bundlePage(),
    options.redis === undefined ? undefined : openRedis(options.redis),
  ]);
  const tokens = createTokens(key, { access: tokenLifetime, refresh: DAY });

  const app = express().disable("x-powered-by");
  const http = createServer();
  const port = await takePort(http, options.port, host);
  const nodes = options.nodes ?? [port.number];
  const origins = new Set(nodes.flatMap((number) => ownOrigins(host, number)));
  const isOwnOrigin = (origin: string) => origins.has(origin);
  // The page comes from one node, and its clients go to each in turn.
  const networks = new Map(
    await Promise.all(
      clientNames.map(async (name, index) => {
        const target = nodes[index % nodes.length] ?? port.number;
        return [name, await openNetwork(target, host)] as const;
      }),
    ),
  );
  const session = expressSession({
    name: "playground.sid",
    secret: createHmac("sha256", key).update("session").digest("hex"),
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: "strict", maxAge: DAY },
    ...(shared && { store: shared.sessions }),
  });
  const sockets = serveSockets(
    {
      verify: tokens.verifyAccess,
      // From the key, so that a client knows its user again after a restart.
      identityKey: createHmac("sha256", key).update("identity").digest(),
      isOwnOrigin,
      node: nodes.length > 1 ? nodes.indexOf(port.number) + 1 : undefined,
      adapterFor: shared?.adapterFor,
    },
    session,
  );

  http.on("request", (request, response) => {
    const node = sockets.nodeFor(request);
    if (node === undefined) app(request, response);
    else node.handle(request, response);
  });
  http.on("upgrade", (request, socket, head) => {
    const node = sockets.nodeFor(request);
    if (node === undefined) socket.destroy();
    else node.upgrade(request, socket, head);
  });

  const stop = new AbortController();
  const restart = async () => {
    await Promise.all([port.leave(), sockets.stop()]);
    await wait(RESTART, undefined, { signal: stop.signal });
    sockets.start();
    await port.takeAgain();
  };
  let restarting: Promise<void> | undefined;
  const restartOnce = () => {
    restarting ??= restart()
      .catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      })
      .finally(() => {
        restarting = undefined;
      });
  };

  const rotate = (generation: string) => {
    tokens.rotateKey(generation);
    sockets.kick();
  };
  await shared?.onRotation(rotate);

  app.use(
    ["/auth", "/session", "/demo", "/network", "/world"],
    ownPagesOnly(isOwnOrigin),
    express.json({ limit: "10kb" }),
  );
  app.use("/auth", authRoutes(tokens, DAY));
  app.use("/session", sessionRoutes(session));
  app.use("/demo", demoRoutes(tokens, sockets));
  app.use("/network", networkRoutes(networks));
  app.use("/world", worldRoutes(sockets, restartOnce, shared?.announceRotation ?? rotate));
  app.use(
    pageRoutes(
      bundle,
      [...networks.values()].map((network) => network.port),
    ),
  );
  app.use(notFound, errorHandler);

  return {
    url: `http://localhost:${port.number}`,
    port: port.number,
    close: async () => {
      stop.abort();
      await restarting;
      await Promise.all([...networks.values()].map((network) => network.close()));
      await Promise.all([port.leave(), sockets.stop()]);
      shared?.close();
    },
  };
}
