import type { StorageAdapter } from "../../credential/storage-adapter.js";
import { expect } from "../contract.js";
import { describe, isSignedOut, read, whileFailing } from "./asking.js";
import type { StorageChecks } from "./harness.js";

/** What `read` answers with. */
export const READING: StorageChecks = {
  "read answers with the token that is stored, and with a newer one as soon as it is stored": async ({
    adapter,
    set,
  }) => {
    for (const token of ["first", "second"]) {
      await set(token);
      const answer = await read(adapter);
      expect(
        answer === token,
        `read() answered with ${describe(answer)} where ${describe(token)} was stored. Do not cache: answer with what the store holds now.`,
      );
    }
  },
  "read answers null when nobody is signed in": async ({ adapter, set }) => {
    await set("first");
    await set(null);
    const answer = await read(adapter);
    expect(
      isSignedOut(answer),
      `read() answered with ${describe(answer)} where no token was stored. Answer with null: nothing else means signed out, and undefined or an object counts as a mistake.`,
    );
  },
  "an empty string is read as signed out, and not as a failure": async ({ adapter, set }) => {
    await set("");
    const answer = await read(adapter);
    expect(
      isSignedOut(answer),
      `read() answered with ${describe(answer)} where an empty string was stored. Answer with the empty string or with null.`,
    );
  },
  "reads at the same time all answer": async ({ adapter, set }) => {
    await set("first");
    const answers = await Promise.all([read(adapter), read(adapter), read(adapter)]);
    expect(
      answers.every((answer) => answer === "first"),
      "Of three reads at the same time not all answered with the token. Let each call have an answer of its own.",
    );
  },
  "a read that begins after a change does not answer with what was there before": async ({
    adapter,
    set,
  }) => {
    await set("first");
    for (const [before, next] of [
      ["first", "second"],
      ["second", null],
    ] as const) {
      const answer = await readAmidReads(adapter, () => set(next));
      expect(
        answer !== before,
        `read() answered with ${describe(before)} though it was asked after ${describe(next)} had been stored, while an earlier read was under way. Ask the store at each call: the answer to an earlier read may be older than the change.`,
      );
    }
  },
  "a store that fails is a throw, never signed out and never an older token": async ({
    adapter,
    set,
    setFailing,
  }) => {
    await set("first");
    await read(adapter);
    // No answer at all is as good as a throw.
    const failure: unknown = Symbol("could not find out");
    const answer = await whileFailing(setFailing, () => read(adapter).catch(() => failure));
    expect(
      !isSignedOut(answer),
      "read() answered with null while the store was failing, which signs the user out. Throw when you cannot find out.",
    );
    expect(
      answer === failure,
      `read() answered with ${describe(answer)} while the store was failing. Throw when you cannot find out.`,
    );
  },
  "a store that works again is read again": async ({ adapter, set, setFailing }) => {
    await set("first");
    await whileFailing(setFailing, () => read(adapter).catch(() => {}));
    const answer = await read(adapter);
    expect(
      answer === "first",
      `read() answered with ${describe(answer)} after the store had failed once and worked again. Ask the store at each call; do not keep a failure.`,
    );
  },
};

/** So many reads begin in turns of the microtask queue, the further ones in turns of the event loop. */
const DENSE = 50;
/** No more than this begin, however long a change takes. */
const MOST = 1_000;

/** What a read answers that begins as soon as a change has been made, while reads from before it are under way. */
async function readAmidReads(adapter: StorageAdapter, change: () => void | Promise<void>): Promise<unknown> {
  const begin = async (): Promise<unknown> => adapter.read();
  const beginInVain = (): void => void begin().catch(() => {});
  beginInVain();
  const changing = change();
  // Where the change was made at once, nothing may come between it and the read.
  if (changing === undefined) return read(adapter);
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  changing.then(end, end);
  const answer = changing.then(() => read(adapter));
  answer.catch(() => {});
  for (let turn = 0; !isOver && turn < MOST; turn += 1) {
    beginInVain();
    await (turn < DENSE ? undefined : new Promise((resolve) => setTimeout(resolve)));
  }
  return answer;
}
