import { createAdapter } from "@socket.io/redis-adapter";
import { RedisStore } from "connect-redis";
import { createClient } from "redis";

/** How long Redis has to answer at the start, in milliseconds. */
const START_TIMEOUT = 3_000;
const RETRY = 250;
const PREFIX = "playground:";
const ROTATIONS = `${PREFIX}rotate-key`;

/** What nodes have in common. */
export interface SharedState {
  readonly sessions: RedisStore;
  /** What connects the Socket.IO servers of one path, on all nodes. */
  adapterFor(path: string): ReturnType<typeof createAdapter>;
  /** Tells all nodes, this one too, of another signing key: by a number of which the key is derived, never the key. */
  announceRotation(generation: string): Promise<void>;
  onRotation(listener: (generation: string) => void): Promise<void>;
  close(): void;
}

/**
 * Connects to Redis. Once it was there it may go away and come back: nothing ends by that.
 *
 * @throws where the address is none, or nobody answers there within three seconds
 */
export async function openRedis(url: string): Promise<SharedState> {
  const [store, pub, sub] = await Promise.all([connect(url), connect(url), connect(url)]);
  return {
    sessions: new RedisStore({ client: store, prefix: `${PREFIX}session:` }),
    adapterFor: (path) => createAdapter(forAdapter(pub), sub, { key: PREFIX + path }),
    async announceRotation(generation) {
      await store.publish(ROTATIONS, generation);
    },
    onRotation: (listener) => sub.subscribe(ROTATIONS, listener),
    close() {
      for (const client of [store, pub, sub]) client.destroy();
    },
  };
}

async function connect(url: string) {
  let hasStarted = false;
  const client = createClient({
    url: checked(url),
    // At the start nobody is waited for; later it is as patient as it must be.
    socket: { connectTimeout: START_TIMEOUT, reconnectStrategy: () => hasStarted && RETRY },
  });
  // Three Socket.IO servers with two namespaces each listen, and twice as many in a drain.
  client.setMaxListeners(20);
  // Without a listener a Redis that is away would end the process.
  client.on("error", () => {});
  // It accepts connections and says nothing, as a process that hangs.
  const giveUp = setTimeout(() => client.destroy(), START_TIMEOUT);
  try {
    await client.connect();
  } catch (cause) {
    const { host } = new URL(url);
    throw new Error(
      `There is no Redis that answers at ${host}, where REDIS_URL says. Start one there, or set REDIS_URL to another address.`,
      { cause },
    );
  } finally {
    clearTimeout(giveUp);
  }
  hasStarted = true;
  return client;
}

/** The address may hold a password: no error repeats it. */
function checked(url: string): string {
  if (/^rediss?:$/.test(URL.parse(url)?.protocol ?? "")) return url;
  throw new Error("REDIS_URL is no address of a Redis. It takes one such as redis://127.0.0.1:6379.");
}

/** The adapter does not look at what becomes of a message, and one that is rejected would end the process. */
function forAdapter(client: Awaited<ReturnType<typeof connect>>) {
  return new Proxy(client, {
    get(target, name) {
      if (name === "publish") {
        return (...message: Parameters<typeof target.publish>) => target.publish(...message).catch(() => {});
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
