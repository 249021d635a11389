import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, beforeAll, vi } from "vitest";
import { keep, plant } from "./record.js";

// The server's half of the canary: what Socket.IO servers of this process are given, the addresses of requests, and
// the events that an application sees by onAny() and onAnyOutgoing().

vi.mock(import("socket.io"), async (load) => {
  const original = await load();
  const { Namespace, Socket } = original;
  wrap(Namespace.prototype, "_add", (_namespace, [, auth]) => {
    for (const value of Object.values(auth ?? {})) if (typeof value === "string") plant(value);
  });
  wrap(Socket.prototype, "_onconnect", (socket) => {
    const { url, query } = socket.handshake;
    keep("addresses", url, query);
    // After the server half, which keeps listeners from the namespace in which tokens are sent.
    queueMicrotask(() => {
      socket.onAny((...args) => keep("onAny of the server", ...args));
      socket.onAnyOutgoing((...args) => keep("onAnyOutgoing of the server", ...args));
    });
  });
  return original;
});

/** Looks at each call of a method before it is made. */
function wrap<Holder extends object, Name extends keyof Holder>(
  holder: Holder,
  name: Name,
  look: (self: Holder, given: readonly unknown[]) => void,
): void {
  const method = holder[name];
  if (typeof method !== "function") throw new Error(`There is no method ${String(name)}.`);
  Object.defineProperty(holder, name, {
    value(this: Holder, ...given: unknown[]): unknown {
      look(this, given);
      return Reflect.apply(method, this, given);
    },
  });
}

/** The address of each HTTP request and upgrade that is sent, and of each request that comes in. */
function onRequest(message: unknown): void {
  if (typeof message !== "object" || message === null || !("request" in message)) return;
  const { request } = message;
  if (typeof request !== "object" || request === null) return;
  if ("path" in request) keep("addresses", request.path);
  if ("url" in request) keep("addresses", request.url);
}

const CHANNELS = ["http.client.request.start", "http.server.request.start"];

beforeAll(() => {
  for (const channel of CHANNELS) subscribe(channel, onRequest);
});
afterAll(() => {
  for (const channel of CHANNELS) unsubscribe(channel, onRequest);
});
