import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { findSecrets } from "./inspect/secrets.js";

// The canary of the whole suite: every token that a connection of this process puts in force is looked for, after each
// test, in its log lines, states, contexts, snapshots and their errors, and in the address of each HTTP request and
// upgrade. What else leaves the library is watched over a whole life in canary.test.ts.

const canary = vi.hoisted(() => ({ planted: new Set<string>(), left: new Set<string>() }));

vi.mock(import("../src/storage/vault.js"), async (load) => {
  const { createVault } = await load();
  return {
    createVault(...given) {
      const vault = createVault(...given);
      const { adopt } = vault;
      return Object.assign(vault, {
        adopt(token: string) {
          canary.planted.add(token);
          return adopt(token);
        },
      });
    },
  };
});

vi.mock(import("../src/logger.js"), async (load) => {
  const original = await load();
  return {
    ...original,
    createLog: (logger) =>
      original.createLog({
        debug: (line) => pass(logger.debug?.bind(logger), line),
        info: (line) => pass(logger.info?.bind(logger), line),
        warn: (line) => pass(logger.warn?.bind(logger), line),
      }),
  };

  function pass(write: ((line: string) => void) | undefined, line: string): void {
    canary.left.add(line);
    write?.(line);
  }
});

vi.mock(import("../src/snapshot.js"), async (load) => {
  const original = await load();
  return {
    ...original,
    takeSnapshot(machine, ...given) {
      const snapshot = original.takeSnapshot(machine, ...given);
      canary.left.add(JSON.stringify([machine.value, machine.context, snapshot]));
      if (snapshot.error) keep(snapshot.error);
      return snapshot;
    },
  };

  function keep(error: Error): void {
    const { message, stack = "", cause } = error;
    canary.left.add(message).add(stack);
    if (cause instanceof Error) keep(cause);
    else if (cause !== undefined) canary.left.add(String(cause));
  }
});

/** The address of each HTTP request and upgrade of this process. */
function onRequest(message: unknown): void {
  if (typeof message !== "object" || message === null || !("request" in message)) return;
  const { request } = message;
  if (typeof request === "object" && request !== null && "path" in request)
    canary.left.add(String(request.path));
}

beforeAll(() => subscribe("http.client.request.start", onRequest));
afterAll(() => void unsubscribe("http.client.request.start", onRequest));

afterEach(() => {
  const found = findSecrets([...canary.left], [...canary.planted]);
  canary.left.clear();
  canary.planted.clear();
  expect(found, "parts of a token that left the library").toEqual([]);
});
