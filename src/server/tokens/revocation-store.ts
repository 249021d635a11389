import { randomUUID } from "node:crypto";
import { invalidOption } from "../../errors.js";
import type { Log } from "../../logger.js";
import { isDuration, isFunction, property } from "../../value.js";
import { oneAtATime, withinTime } from "../timing.js";
import { TokenError } from "../token-error.js";
import { type Requirement, requirementOf } from "./requirements.js";
import { type Revocation, revocationOf } from "./revocations.js";

/** Where revocations are kept for nodes that start later. Times are epoch milliseconds. */
export interface RevocationStore {
  /**
   * Keeps an id until a time; `Infinity` is for ever. When the promise has resolved, `list` of every node has it. The id
   * is a text of this library's, of some hundred characters: it names the subject or the token id, and no token.
   */
  add(id: string, until: number): Promise<unknown>;
  /** Every id that was added and whose time is not over, in any order. Ids whose time is over do no harm. */
  list(): Promise<readonly string[]>;
}

/**
 * Keeps revocations in the memory of this process: for tests, and for several Socket.IO servers of one process. It
 * ends with the process.
 *
 * @returns A store for the option `revocations` of {@link authenticateToken}.
 * @example
 * ```ts
 * import { Server } from "socket.io";
 * import { authenticateToken, memoryRevocations } from "socket-rotor/server";
 *
 * const revocations = memoryRevocations();
 * for (const port of [3000, 3001]) {
 *   authenticateToken(new Server(port), { revocations, verify: async (token) => ({ subject: token }) });
 * }
 * ```
 */
export function memoryRevocations(): RevocationStore {
  const ends = new Map<string, number>();
  let ids: readonly string[] | undefined;
  return {
    async add(id, until) {
      ends.set(id, until);
      ids = undefined;
    },
    async list() {
      if (ids !== undefined) return ids;
      for (const [id, until] of ends) if (until <= Date.now()) ends.delete(id);
      ids = Object.freeze([...ends.keys()]);
      return ids;
    },
  };
}

/** A client of the package `redis` or of `ioredis`, also of a cluster, which is connected and does not subscribe. */
export interface RedisClient {
  eval(...args: never[]): Promise<unknown>;
}

/** Adds an id, and takes out those whose time is over. The other key says that there is something new. */
const ADD = `
redis.call("zremrangebyscore", KEYS[1], "-inf", ARGV[1])
redis.call("zadd", KEYS[1], ARGV[2], ARGV[3])
redis.call("set", KEYS[2], ARGV[4])
`;

/** The ids, if there is something new. */
const LIST = `
local version = redis.call("get", KEYS[2]) or ""
if version == ARGV[1] then return { version } end
return { version, redis.call("zrange", KEYS[1], 0, -1) }
`;

/**
 * Keeps revocations in Redis, by a client that the application has already. It sends `EVAL`, and two keys are used, in
 * one slot of a cluster. A handshake reads one short value; the ids are read again only when there is another one.
 *
 * The client stays the application's, which listens to its errors and closes it. Let Redis persist (`appendonly yes`),
 * or revocations are lost when it is started again.
 *
 * @param client - Of `redis` or `ioredis`. Not the adapter's subscriber, which can send no commands.
 * @param key - The name of the keys, the same on all nodes, and another one for each application on one Redis.
 * @defaultValue `"socket-rotor:revocations"`
 * @returns A store for the option `revocations` of {@link authenticateToken}.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no client, and for a key that is empty or no text.
 * @example
 * ```ts
 * import { createClient } from "redis";
 * import { Server } from "socket.io";
 * import { authenticateToken, redisRevocations } from "socket-rotor/server";
 *
 * const client = createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" });
 * client.on("error", (error) => console.warn("Redis:", error.message));
 * await client.connect();
 * authenticateToken(new Server(3000), {
 *   revocations: redisRevocations(client),
 *   verify: async (token) => ({ subject: token }),
 * });
 * ```
 */
export function redisRevocations(client: RedisClient, key = "socket-rotor:revocations"): RevocationStore {
  if (!isFunction(property(client, "eval"))) {
    throw invalidOption(
      "redisRevocations takes a client of redis or of ioredis as its first argument: it has a method eval.",
    );
  }
  if (typeof key !== "string" || key === "") {
    throw invalidOption("The second argument of redisRevocations is the name of the keys, a string.");
  }
  const keys = [`{${key}}`, `{${key}}:version`];
  // node-redis writes its commands in camel case, and takes the keys in an object.
  const isNodeRedis = isFunction(property(client, "evalSha"));
  const run = (script: string, ...args: string[]): Promise<unknown> => {
    const rest = isNodeRedis ? [{ keys, arguments: args }] : [keys.length, ...keys, ...args];
    return Promise.resolve(Reflect.apply(client.eval, client, [script, ...rest]));
  };

  let known: { version: string; ids: readonly string[] } = { version: "", ids: [] };
  return {
    async add(id, until) {
      const end = until === Number.POSITIVE_INFINITY ? "+inf" : String(until);
      await run(ADD, String(Date.now()), end, id, randomUUID());
    },
    async list() {
      const answer = await run(LIST, known.version);
      const [version, ids]: unknown[] = Array.isArray(answer) ? answer : [];
      if (version === undefined) throw new Error("Redis has answered something else than the script does.");
      if (Array.isArray(ids)) known = { version: String(version), ids: Object.freeze(ids.map(String)) };
      return known.ids;
    },
  };
}

/** What is in a store of revocations, which other nodes may have added. */
export interface StoredRevocations {
  /**
   * Applies what was added to the store before this call.
   *
   * @throws {@link TokenError} `temporarily_unavailable` where the store does not say.
   */
  read(): Promise<void>;
  /** Whether the store has taken it. It does not reject. */
  add(stored: Stored, until: number): Promise<boolean>;
}

/**
 * @param timeout - How long the store may take for a read, or to add, in milliseconds.
 * @param apply - Is given each entry once. It must not throw.
 */
export function createStoredRevocations(
  store: RevocationStore,
  timeout: number,
  apply: (stored: Stored, until: number) => void,
  log: Log,
): StoredRevocations {
  const limited = <T>(work: () => T | Promise<T>): Promise<T> =>
    withinTime(work, timeout, () => new Error("The store took too long."));

  let seen: ReadonlySet<unknown> = new Set();
  let last: unknown;
  const take = (ids: unknown): void => {
    if (!Array.isArray(ids)) throw new Error("The store has answered something that is no list.");
    // What is frozen is what it was.
    if (ids === last && Object.isFrozen(ids)) return;
    for (const id of ids) {
      if (seen.has(id)) continue;
      const found = readText(id);
      if (found === undefined) {
        log.warnOnce(
          "revocations:unknown",
          "authenticateToken: the store of revocations has an entry that is none of this version of socket-rotor, which was ignored. Give it a key or a table of its own.",
        );
      } else if (found.until > Date.now()) apply(found.stored, found.until);
    }
    seen = new Set(ids);
    last = ids;
  };

  const readOnce = oneAtATime(() => limited(() => store.list()).then(take));

  let isDown = false;
  return {
    async read() {
      try {
        await limited(readOnce);
        if (isDown) log.info("authenticateToken: the store of revocations answers again.");
        isDown = false;
      } catch {
        if (!isDown) {
          log.warn(
            "authenticateToken: the store of revocations fails or takes too long. Open connections stay, and nobody is signed out; clients that connect are told temporarily_unavailable until it answers again.",
          );
        }
        isDown = true;
        throw new TokenError("temporarily_unavailable", "Revocations cannot be read now.");
      }
    },

    async add(stored, until) {
      try {
        await limited(() => store.add(textOf(stored, until), until));
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** What a store keeps: what `revoke` or `requireReauthentication` was given, and when. */
export type Stored = Revocation | Requirement;

/** It and its end as one text. */
function textOf(stored: Stored, until: number): string {
  return JSON.stringify({ ...stored, until });
}

/** What a store has under such a text; nothing where it is another's. */
function readText(text: unknown): { stored: Stored; until: number } | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(text);
    const stored = revocationOf(message) ?? requirementOf(message);
    const until = property(message, "until");
    // JSON has no Infinity.
    return stored && { stored, until: isDuration(until) ? until : Number.POSITIVE_INFINITY };
  } catch {
    return undefined;
  }
}
