import type { StorageAdapter } from "../storage/storage-adapter.js";
import { describeType } from "../value.js";
import { type ContractRule, expect, rulesOf, until, within } from "./contract.js";

/** A storage adapter, and the means to change from outside what it follows. */
export interface StorageHarness {
  /** A new adapter, over a store of its own. */
  adapter: StorageAdapter;
  /**
   * Stores a token past the adapter, as another tab or an authentication client would; `null` removes it. Once it
   * has returned, or its promise has resolved, the token is stored.
   */
  set(token: string | null): void | Promise<void>;
  /** Makes the store fail or work again, where that can be arranged; else what a failure means is not checked. */
  setFailing?(isFailing: boolean): void | Promise<void>;
  /**
   * Whether the store tells nobody when it is changed past the adapter, as AsyncStorage does, so that no signal
   * can be expected.
   * @defaultValue false
   */
  isSilent?: boolean;
  /** Cleans up after a rule. */
  dispose?(): void | Promise<void>;
}

/** How long an answer or a signal may take, in milliseconds: two rounds of the slowest of our own polls. */
const PATIENCE = 2_000;

/** What an opaque token may look like. */
const AWKWARD = ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "a+b/c==", '%41 ; , "é" \\', "x".repeat(2_000)];

/**
 * The contract of {@link StorageAdapter} as a list of tests, for any test runner.
 *
 * A rule that does not apply holds: without `write` nothing is written, without `setFailing` nothing fails.
 *
 * @param create - Makes an adapter and the means to drive it; called for each rule.
 * @returns the rules; `run` rejects with an `Error` that says which one is broken, and what to do.
 * @example
 * ```ts
 * import { memoryStorage } from "socket-rotor";
 * import { storageContract } from "socket-rotor/testing";
 *
 * const rules = storageContract(() => {
 *   const adapter = memoryStorage();
 *   return { adapter, set: (token) => adapter.write(token) };
 * });
 * for (const { run } of rules) await run();
 * ```
 */
export function storageContract(
  create: () => StorageHarness | Promise<StorageHarness>,
): readonly ContractRule[] {
  return rulesOf("storage", create, {
    ...READING,
    ...WRITING,
    ...SUBSCRIBING,
  });
}

type Checks = Record<string, (harness: StorageHarness) => Promise<void>>;

const READING: Checks = {
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
  "a store that fails is a throw, never signed out and never an older token": async (harness) => {
    const { adapter, set, setFailing } = harness;
    if (!setFailing) return;
    await set("first");
    await read(adapter);
    await setFailing(true);
    // No answer at all is as good as a throw.
    const failure: unknown = Symbol("could not find out");
    const answer = await read(adapter).catch(() => failure);
    await setFailing(false);
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
    if (!setFailing) return;
    await set("first");
    await setFailing(true);
    await read(adapter).catch(() => {});
    await setFailing(false);
    const answer = await read(adapter);
    expect(
      answer === "first",
      `read() answered with ${describe(answer)} after the store had failed once and worked again. Ask the store at each call; do not keep a failure.`,
    );
  },
};

const WRITING: Checks = {
  "a token that is written is read": async ({ adapter }) => {
    for (const token of ["first", "second"]) {
      if (!(await write(adapter, token))) return;
      const answer = await read(adapter);
      expect(
        answer === token,
        `read() answered with ${describe(answer)} after write() had stored ${describe(token)}. Let write() return, or its promise resolve, only once the token is stored.`,
      );
    }
  },
  "writing null removes the token": async ({ adapter, set }) => {
    await set("first");
    if (!(await write(adapter, null))) return;
    const answer = await read(adapter);
    expect(
      isSignedOut(answer),
      `read() answered with ${describe(answer)} after write(null). Remove the entry; do not store the word "null".`,
    );
    await write(adapter, null);
    expect(isSignedOut(await read(adapter)), "A second write(null) brought a token back. Let it do nothing.");
  },
  "any string comes back as it was written": async ({ adapter }) => {
    for (const token of AWKWARD) {
      if (!(await write(adapter, token))) return;
      expect(
        (await read(adapter)) === token,
        "A token came back changed: it may have dots, signs, spaces, letters beyond ASCII and 2,000 characters. Encode it if your store has to.",
      );
    }
  },
};

const SUBSCRIBING: Checks = {
  "subscribe answers with the function that ends the subscription": async ({ adapter }) => {
    const end: unknown = adapter.subscribe(() => {});
    expect(
      typeof end === "function",
      `subscribe() answered with ${describeType(end)}. Answer with a function that takes the listener away.`,
    );
    if (typeof end === "function") end();
  },
  "a change is told, and is there to be read when it is": async (harness) => {
    const { adapter, set, isSilent } = harness;
    if (isSilent) return;
    await set("first");
    const follower = follow(adapter);
    for (const token of ["second", null]) {
      await set(token);
      await until(
        () => follower.hasRead(token),
        PATIENCE,
        () => follower.complaint(token),
      );
    }
    follower.end();
  },
  "every subscription is told, and ending one leaves the others": async ({ adapter, set, isSilent }) => {
    if (isSilent) return;
    const [left, ...others] = [follow(adapter), follow(adapter), follow(adapter)];
    await set("first");
    for (const each of [left, ...others]) {
      await until(
        () => each?.hasRead("first") === true,
        PATIENCE,
        () => TELL_ALL,
      );
    }
    left?.end();
    // Once more does no harm.
    left?.end();
    await set("second");
    for (const each of others)
      await until(
        () => each.hasRead("second"),
        PATIENCE,
        () => TELL_ALL,
      );
    for (const each of others) each.end();
  },
  "a subscription that has ended is silent": async ({ adapter, set, isSilent }) => {
    const ended = [follow(adapter), follow(adapter)];
    if (ended.some((each) => !each.canEnd)) return;
    for (const each of ended) each.end();
    const before = ended.map(({ signals }) => signals());
    if (isSilent) {
      await set("first");
      await write(adapter, "second");
    } else {
      const witness = follow(adapter);
      for (const token of ["first", "second"]) {
        await set(token);
        // Where nobody is told there is nothing to be silent about; another rule says so.
        await until(
          () => witness.hasRead(token),
          PATIENCE,
          () => "",
        ).catch(() => {});
      }
      witness.end();
    }
    expect(
      ended.every(({ signals }, index) => signals() === before[index]),
      "A listener was called after its subscription had ended. Take it away in the function that subscribe() answers with.",
    );
  },
  "a subscription that begins after changes, or after others have ended, is told of the next": async ({
    adapter,
    set,
    isSilent,
  }) => {
    if (isSilent) return;
    follow(adapter).end();
    await set("first");
    await set("second");
    const follower = follow(adapter);
    await set("third");
    await until(
      () => follower.hasRead("third"),
      PATIENCE,
      () => follower.complaint("third"),
    );
    follower.end();
  },
};

const TELL_ALL =
  "Not every subscription was told. Keep one listener for each call of subscribe(), and take away only the one that ended.";

const LATE = `read() gave no answer within ${PATIENCE} ms. Answer each call, or reject where you cannot find out.`;

/** Asks as the library does, for as long as a test can wait. */
async function read(adapter: StorageAdapter): Promise<unknown> {
  try {
    return await within(adapter.read(), PATIENCE, LATE);
  } catch (cause) {
    expect(!(cause instanceof Error && cause.message === LATE), LATE);
    throw new Error("read() threw though the store works. Throw only when you cannot find out.", { cause });
  }
}

/** Writes, where the adapter can; answers whether it could. */
async function write(adapter: StorageAdapter, token: string | null): Promise<boolean> {
  if (!adapter.write) return false;
  await within(
    adapter.write(token),
    PATIENCE,
    `write() did not end within ${PATIENCE} ms. Resolve once the token is stored, or reject.`,
  );
  return true;
}

interface Follower {
  signals(): number;
  hasRead(token: string | null): boolean;
  complaint(token: string | null): string;
  readonly canEnd: boolean;
  end(): void;
}

/** Subscribes, and reads at each signal, within the call, as the library does. */
function follow(adapter: StorageAdapter): Follower {
  const answers: unknown[] = [];
  let signals = 0;
  const end: unknown = adapter.subscribe(() => {
    signals += 1;
    const asked = (async () => adapter.read())();
    asked.then(
      (answer) => answers.push(answer),
      () => {},
    );
  });
  return {
    signals: () => signals,
    hasRead: (token) => answers.some((answer) => answer === token || (token === null && isSignedOut(answer))),
    complaint: (token) =>
      signals === 0
        ? `Nobody was told within ${PATIENCE} ms that ${describe(token)} had been stored. Call every listener whenever the token may have changed.`
        : `A change was told, but reading at that moment did not answer with ${describe(token)}. Call the listeners once the change can be read.`,
    canEnd: typeof end === "function",
    end: () => {
      if (typeof end === "function") end();
    },
  };
}

function isSignedOut(answer: unknown): boolean {
  return answer === null || answer === "";
}

/** The suite's own tokens by name, anything else by its type. */
function describe(value: unknown): string {
  if (value === "first" || value === "second" || value === "third") return `the ${value} token`;
  return value === null ? "no token (null)" : describeType(value);
}
