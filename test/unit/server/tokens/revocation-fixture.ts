import type { Socket } from "socket.io-client";
import { memoryRevocations, type RevocationStore } from "socket-rotor/server";
import { expect } from "vitest";
import { startServer } from "../../../support/real-server.js";
import { verify } from "./dated-tokens.js";

export const REVOKED = { error: "invalid_token", error_description: "The token was revoked." };
export const OUTAGE = expect.objectContaining({ error: "temporarily_unavailable" });

/** A store in memory that counts, and whose `list` can be another. */
export function createStore() {
  const { add, list } = memoryRevocations();
  const store = {
    lists: 0,
    answer: list,
    add,
    list(): Promise<readonly string[]> {
      store.lists += 1;
      return store.answer();
    },
  };
  return store;
}

export const start = (revocations: RevocationStore, more: Parameters<typeof startServer>[0] = {}) =>
  startServer({ verify, revocations, ...more });

/** With what a socket is refused, or that it is let in. */
export function answerTo(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve("let in"));
    socket.once("connect_error", (error) => resolve("data" in error ? error.data : error.message));
  });
}
