import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

/** A real server that says in its refusals what it should not. */
export interface CanaryServer {
  readonly url: string;
  /** Addresses and headers of every HTTP request and upgrade. */
  readonly requests: Array<{ url: string | undefined; headers: unknown }>;
  /** The tokens that CONNECT packets carried, in order. */
  readonly tokens: unknown[];
  /** Refuses a token, with an error made of it. */
  readonly refused: Map<string, (token: string) => Error>;
  /** Refuses every handshake at the HTTP level with this message. */
  httpRefusal: string | undefined;
  kick(): void;
  /** Sends "told" to everybody. */
  tell(what: string): void;
  close(): Promise<void>;
}

export async function canaryServer(): Promise<CanaryServer> {
  const http = createServer();
  const requests: CanaryServer["requests"] = [];
  const tokens: unknown[] = [];
  const refused: CanaryServer["refused"] = new Map();
  const io = new Server(http, {
    allowRequest: (_request, decide) => decide(server.httpRefusal, server.httpRefusal === undefined),
  });
  // After Socket.IO's own listeners, which pass nothing on to those that came before.
  for (const event of ["request", "upgrade"]) {
    http.on(event, ({ url, headers }: { url?: string; headers: unknown }) => requests.push({ url, headers }));
  }
  io.use((socket, next) => {
    const token: unknown = socket.handshake.auth["token"];
    tokens.push(token);
    const refusal = typeof token === "string" ? refused.get(token) : undefined;
    next(typeof token === "string" ? refusal?.(token) : new Error("no token"));
  });
  io.on("connection", (socket) => {
    socket.on("save", (_draft, done) => done("saved"));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: CanaryServer = {
    url: `http://127.0.0.1:${portOf(http.address())}`,
    requests,
    tokens,
    refused,
    httpRefusal: undefined,
    tell: (what) => io.emit("told", what),
    kick: () => io.disconnectSockets(true),
    close: () => io.close(),
  };
  return server;
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  return address.port;
}
