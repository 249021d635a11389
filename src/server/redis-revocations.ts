import { randomUUID } from "node:crypto";
import { invalidOption } from "../errors.js";
import { isFunction, property } from "../value.js";
import type { RevocationStore } from "./revocation-store.js";

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
