import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DEFAULT_KEY_FILE } from "../playground.js";
import { onEnd } from "./command-line.js";
import { loadSigningKey } from "./signing-key.js";

const NODE = fileURLToPath(new URL("../node.ts", import.meta.url));

/** What a node says once, when it has started or has not. */
export type Report = { url: string } | { error: string };

/**
 * Starts a process for each port, which all read the same environment and the same signing key. They end together.
 *
 * @returns where their pages are
 * @throws where one of them does not start, in its words
 */
export async function startProcesses(ports: readonly number[]): Promise<string[]> {
  // Before they look for it: the first time it is made.
  await loadSigningKey(DEFAULT_KEY_FILE);
  const children = ports.map((_port, index) => fork(NODE, [String(index)]));
  const ended = Promise.all(
    children.map((child) => new Promise<void>((resolve) => child.once("exit", () => resolve()))),
  );
  const endAll = () => {
    for (const child of children) child.kill("SIGTERM");
  };
  onEnd(() => {
    endAll();
    void ended.then(() => process.exit(0));
  });
  try {
    const urls = await Promise.all(children.map(started));
    for (const [index, child] of children.entries()) {
      child.once("exit", (code, signal) => {
        if (code === 0) return;
        console.error(
          `Node ${index + 1} has ended by ${signal ?? `code ${code}`}, and so the other one is ended.`,
        );
        endAll();
        void ended.then(() => process.exit(1));
      });
    }
    return urls;
  } catch (error) {
    endAll();
    await ended;
    throw error;
  }
}

async function started(child: ChildProcess): Promise<string> {
  const report = await Promise.race([
    once(child, "message").then(([message]: Report[]) => message),
    once(child, "exit").then(() => undefined),
  ]);
  if (report !== undefined && "url" in report) return report.url;
  throw new Error(report?.error ?? "A node has ended before it was there. What it printed says why.");
}
