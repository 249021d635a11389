import { setTimeout as wait } from "node:timers/promises";
import type { Playground, PlaygroundOptions } from "../playground.js";

/** Closing waits for Redis, which may be away. */
const PATIENCE = 2_000;

/** What the environment asks for. */
export interface Command extends Pick<PlaygroundOptions, "port" | "host" | "redis"> {
  /** The ports of all nodes. */
  nodes: readonly number[];
}

/** @throws where a variable says what it cannot say */
export function readCommand(environment: NodeJS.ProcessEnv): Command {
  const { PORT: portText, HOST: host, REDIS_URL: redis, NODES: count = "" } = environment;
  const port = Number(portText || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is "${portText}": it takes a number from 0 to 65535.`);
  }
  const command = { port, ...(host ? { host } : {}), ...(redis ? { redis } : {}) };
  if (count === "" || count === "1") return { ...command, nodes: [port] };
  if (count !== "2") throw new Error(`NODES is "${count}": it takes 1 or 2.`);
  if (!redis) {
    throw new Error(
      "NODES=2 needs a Redis for what two nodes have in common. Set REDIS_URL: REDIS_URL=redis://127.0.0.1:6379 NODES=2 npm start",
    );
  }
  if (port === 0 || port === 65_535) {
    throw new Error(
      `PORT is "${port}": with NODES=2 it takes a number from 1 to 65534, and the next one too.`,
    );
  }
  return { ...command, nodes: [port, port + 1] };
}

/** Calls `end` at the first signal to end. Ctrl+C reaches every process, and a parent passes it on once more. */
export function onEnd(end: () => void): void {
  let hasEnded = false;
  const endOnce = () => {
    if (hasEnded) return;
    hasEnded = true;
    end();
  };
  process.on("SIGINT", endOnce);
  process.on("SIGTERM", endOnce);
  // Of a process that was started by another one: that one is gone.
  process.on("disconnect", endOnce);
}

/** Closes the playground and ends the process, also where something does not come to an end. */
export async function endProcess(playground: Playground): Promise<void> {
  await Promise.race([playground.close(), wait(PATIENCE)]);
  process.exit(0);
}

/** What to print of an error at the start. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") {
    return `${error.message}\nSomething else listens on that port. Choose another one: PORT=3001 npm start`;
  }
  return error.message;
}
