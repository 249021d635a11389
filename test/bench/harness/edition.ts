import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Clock } from "socket-rotor";

/**
 * What the bench uses of an edition of the library: the one place to change where an edition's API differs from the
 * others'.
 */
export interface Edition {
  readonly createConnection: Client["createConnection"];
  readonly memoryStorage: Client["memoryStorage"];
  server(): Promise<ServerHalf>;
}

export type ServerHalf = Pick<
  typeof import("socket-rotor/server"),
  "authenticateToken" | "joseVerifier" | "revoke" | "shareSession"
>;

type Client = Pick<typeof import("socket-rotor"), "createConnection" | "memoryStorage">;

/** An edition that is built, and what a table calls it. */
export interface Built {
  readonly name: "first edition" | "this edition";
  readonly folder: string;
}

/** Loads what was built into a folder. The server half is loaded where it is asked for, so that clients are without. */
export async function loadEdition(folder: string): Promise<Edition> {
  const load = (file: string) => import(pathToFileURL(join(folder, file)).href);
  const client: Client = await load("client.mjs");
  return {
    createConnection: client.createConnection,
    memoryStorage: client.memoryStorage,
    server: async () => {
      const server: ServerHalf = await load("server.mjs");
      return server;
    },
  };
}

/** How an edition spreads its clients: its own functions, as they are in its sources. */
export interface Delays {
  /** After how long a token with this lifetime is refreshed; milliseconds. */
  refreshAfter(lifetime: number, clock: Clock, random: () => number): number;
  /** For one client: how long it waits before an attempt, after so many failures in a row; milliseconds. */
  reconnect(random: () => number): (attempt: number) => number;
}

/** The defaults of `reconnectionDelay` and `reconnectionDelayMax`. */
const [FIRST_DELAY, LONGEST_DELAY] = [1_000, 30_000];

export async function loadDelays(folder: string): Promise<Delays> {
  const load = (path: string) => import(pathToFileURL(join(folder, "src", path)).href);
  // Where the first edition has them, and where this one does.
  const hasPacing = existsSync(join(folder, "src/pacing.ts"));
  const {
    createBackoff,
    createPacing,
  }: typeof import("../../../src/backoff.js") & {
    createPacing?: (...given: Parameters<typeof import("../../../src/backoff.js").createBackoff>) => {
      delay(attempt: number, retryAfter: null): number;
    };
  } = await load(hasPacing ? "pacing.ts" : "backoff.ts");
  const { createExpiry }: typeof import("../../../src/credential/expiry.js") = await load(
    existsSync(join(folder, "src/storage")) ? "storage/expiry.ts" : "credential/expiry.ts",
  );
  return {
    refreshAfter(lifetime, clock, random) {
      const expiry = createExpiry(clock, undefined, random);
      expiry.begin(lifetime);
      return expiry.untilRefresh();
    },
    reconnect(random) {
      const pacing = createPacing?.(FIRST_DELAY, LONGEST_DELAY, random);
      return pacing
        ? (attempt) => pacing.delay(attempt, null)
        : createBackoff(FIRST_DELAY, LONGEST_DELAY, random);
    },
  };
}
