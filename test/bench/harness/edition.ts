import { join } from "node:path";
import { pathToFileURL } from "node:url";

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
