import { AssertionError } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A script of this folder in a Node process of its own. */
export interface Child {
  readonly process: ChildProcess;
  /** The next line that it prints. Rejects with what it complained of when it ends before. */
  line(): Promise<string>;
  /** How it ended: by itself with a code, or killed by a signal. */
  readonly ended: Promise<{ code: number | null; signal: string | null; complaints: string }>;
}

/** Starts a script; it is killed when the test ends, if it has not ended by itself. */
export function startChild(
  script: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Child {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...flags, "--import", "tsx", path, ...args], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let printed = "";
  let complaints = "";
  const waiting: Array<() => void> = [];
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  child.stdout.on("data", (chunk) => {
    printed += chunk;
    for (const look of waiting.splice(0)) look();
  });
  const ended = new Promise<Awaited<Child["ended"]>>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, complaints }));
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return {
    process: child,
    ended,
    line: () =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const end = printed.indexOf("\n");
          if (end < 0) {
            waiting.push(look);
            return;
          }
          resolve(printed.slice(0, end));
          printed = printed.slice(end + 1);
        };
        look();
        void ended.then(({ code }) =>
          reject(new AssertionError({ message: `${script} ended with ${code}:\n${complaints}` })),
        );
      }),
  };
}
