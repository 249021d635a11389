import type { IoAdapter } from "../links/io-adapter.js";
import type { Shape } from "./check.js";
import { type ContractRule, rulesOf } from "./contract.js";
import type { ContractServer } from "./contract-server.js";
import { CLOSING } from "./io-contract/closing.js";
import { EVENTS } from "./io-contract/events.js";
import { OPENING } from "./io-contract/opening.js";
import { SETTLING } from "./io-contract/settling.js";
import { SOCKETS } from "./io-contract/sockets.js";
import { createIoFixture } from "./io-fixture.js";

/** An IO adapter, and a server for it that the suite controls. */
export interface IoHarness {
  /** A new adapter, whose links lead to `server`. */
  io: IoAdapter;
  /** An adapter of the same kind, whose links lead to where nobody listens. */
  unreachable: IoAdapter;
  /** See `contractServer`, which makes one of a server of Socket.IO's. */
  server: ContractServer;
  /** Cleans up after a rule. */
  dispose?(): void | Promise<void>;
}

/**
 * The contract of {@link IoAdapter} as a list of tests, for any test runner.
 *
 * Asking the server to take another token on the same link is checked where `ready` offers it.
 *
 * @param create - Makes an adapter and its server; called for each rule.
 * @returns the rules; `run` rejects with an `Error` that says which one is broken, and what to do.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` without a function; `run` rejects with it for a harness that
 *   lacks something or has what there is not.
 * @example
 * ```ts
 * import { test } from "node:test"; // Vitest's and Jest's `test` take the same
 * import { Server } from "socket.io";
 * import type { IoAdapter } from "socket-rotor";
 * import { contractServer, ioContract } from "socket-rotor/testing";
 *
 * declare function custom(url: string): IoAdapter; // yours
 *
 * const rules = ioContract(() => {
 *   const io = new Server(3001);
 *   return {
 *     io: custom("http://localhost:3001"),
 *     unreachable: custom("http://localhost:1"),
 *     server: contractServer(io),
 *     dispose: () => io.close(),
 *   };
 * });
 * for (const { name, run } of rules) test(name, run);
 * ```
 */
export function ioContract(create: () => IoHarness | Promise<IoHarness>): readonly ContractRule[] {
  const checks = Object.entries({ ...OPENING, ...EVENTS, ...SOCKETS, ...SETTLING, ...CLOSING });
  return rulesOf({
    caller: "ioContract",
    subject: "IO",
    create,
    shape: IO_HARNESS,
    checks: Object.fromEntries(
      checks.map(([name, check]) => [
        name,
        async (harness: IoHarness) => {
          const fixture = createIoFixture(harness.io, harness.server);
          try {
            await check(fixture, harness);
          } finally {
            fixture.close();
          }
        },
      ]),
    ),
  });
}

const IO_HARNESS: Shape<IoHarness> = {
  io: { kind: "object", words: "an IO adapter", methods: ["open"] },
  unreachable: {
    kind: "object",
    words: "an IO adapter that leads to where nobody listens",
    methods: ["open"],
  },
  server: {
    kind: "object",
    words: "a ContractServer, as contractServer(io) makes one",
    methods: ["send", "drop"],
    arrays: ["log"],
  },
  dispose: { kind: "function", words: "a function that cleans up", isOptional: true },
};
