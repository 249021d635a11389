import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Edition } from "./edition.js";

/** What a task is given. */
export type Given = Readonly<Record<string, string | number | boolean>>;
/** What a task answers. */
export type Values = Readonly<Record<string, number>>;

/** What a process of its own does when it is asked. `edition` is `undefined` for plain Socket.IO. */
export type Tasks = Readonly<
  Record<string, (given: Given, edition: Edition | undefined) => Promise<Values> | Values>
>;

/** A process with the tasks of a module, so that its CPU and its heap are those of one side alone. */
export interface Worker {
  ask(task: string, given?: Given): Promise<Values>;
  stop(): Promise<void>;
}

export interface Question {
  id: number;
  task: string;
  given: Given;
}

export interface Answer {
  id: number;
  values?: Values;
  error?: string;
}

const CHILD = fileURLToPath(new URL("./worker.child.ts", import.meta.url));

/**
 * Starts one.
 *
 * @param module - The file that exports `tasks`, as a `file:` address.
 * @param folder - Where the edition is built; none for plain Socket.IO.
 */
export function startWorker(module: string, folder?: string): Worker {
  const child: ChildProcess = fork(CHILD, [module, ...(folder === undefined ? [] : [folder])], {
    execArgv: ["--expose-gc", "--import", "tsx"],
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  child.on("message", (message) => {
    const answer: Answer = JSON.parse(String(message));
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const ended = once(child, "exit");
  void ended.then(([code]) => {
    for (const [id, answer] of waiting) answer({ id, error: `The process ended with ${code}.` });
  });
  return {
    async ask(task, given = {}) {
      const id = asked++;
      const question: Question = { id, task, given };
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve);
        child.send(JSON.stringify(question));
      });
      if (answer.values === undefined) throw new Error(`${task} failed: ${answer.error}`);
      return answer.values;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** A text among what a task is given. */
export function text(given: Given, name: string): string {
  return String(given[name]);
}

/** A number among what a task is given. */
export function number(given: Given, name: string): number {
  const value = Number(given[name]);
  if (Number.isNaN(value)) throw new Error(`The task is given no number "${name}".`);
  return value;
}
