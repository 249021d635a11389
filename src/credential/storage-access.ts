import type { Clock } from "../clock.js";
import {
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionErrorDetails,
  isConnectionError,
} from "../errors.js";
import type { Log } from "../logger.js";
import { isPromise } from "../value.js";
import { createAnswerTimeouts } from "./answer-timeouts.js";
import { createDoubt } from "./doubt.js";
import { createSignals } from "./signals.js";
import { connectionsOf, type StorageAdapter, slowStorages } from "./storage-adapter.js";
import type { TokenStore } from "./token-store.js";
import { checkAnswer } from "./token-text.js";
import { createWrites } from "./writes.js";

/**
 * What is known of the storage: nobody has looked since it signalled a change; it is being read; a read waits for what is
 * being written; what it held at the last look counts.
 */
type State = "unread" | "reading" | "waiting" | "certain";

interface Parts {
  adapter: StorageAdapter;
  tokenStore: TokenStore;
  clock: Clock;
  readTimeout: number;
  log: Log;
  onSignal(): void;
  /** A read, or a look, was answered; `before` is what the storage was known to hold until then. */
  onFound(held: string | null, before: string | null | undefined): void;
  /** `isOurs`: the words are not the adapter's. */
  onFailure(error: ConnectionError, isOurs: boolean): void;
  /** Whether finding this value is no news. */
  isKnown(value: string): boolean;
  /** Another user may have been signed in meanwhile: what was emitted under a later stamp than this is to be dropped. */
  onDoubt(after: number): void;
}

/** So many looks in a row, each with another answer, are no change but an adapter that makes a token for each. */
const RESTLESS = 5;

/** So many looks during one write are enough for an adapter that signals a change whenever it is read. */
const GLANCES = 100;

/**
 * Reads and writes a storage adapter, whatever it does: the newest read counts, each has a time limit, and none comes
 * between a write and its end. What a found value means is not decided here.
 */
export function createStorageAccess({
  adapter,
  tokenStore,
  clock,
  readTimeout,
  log,
  onSignal,
  onFound,
  onFailure,
  isKnown,
  onDoubt,
}: Parts) {
  const isCookie = adapter.credential === "cookie";
  const timeouts = createAnswerTimeouts(clock, readTimeout);
  const doubt = createDoubt(onDoubt);
  let seen: string | null | undefined;
  let isSynchronous = false;
  let state: State = "certain";
  /** Reads are numbered, and only the answer to the newest counts. */
  let reads = 0;
  let readTimer: unknown;
  /** What is being written is not all the news that there is: a read follows. */
  let isReadDue = false;
  /** The signal is this tab's own, so that it tells of nobody else. */
  let isOwnSignal = false;
  /** How often it was looked at since something is being written. */
  let glances = 0;
  let isOver = false;
  /** It was just compared, and the code that runs has not come to its end. */
  let isCompared = false;

  const isAsked = (): boolean => state === "reading" || state === "waiting";

  const signal = (): void => {
    if (!isAsked()) state = "unread";
    onSignal();
  };

  const endRead = (): void => {
    reads += 1;
    clock.clearTimeout(readTimer);
    if (isAsked()) state = "unread";
  };

  const writes = createWrites({
    write: (token) => signals.around(() => adapter.write?.(token)),
    tokenStore,
    timeouts,
    isOver: () => isOver,
    onEnd: doubt.endWrite,
    onLate() {
      if (writes.isUnderWay) isReadDue = true;
      else signal();
    },
    onLanded() {
      if (state !== "reading") return;
      // A read that began before the write may answer with what was there before.
      endRead();
      isReadDue = true;
    },
    onIdle() {
      glances = 0;
      if (!isReadDue && state !== "waiting") return;
      isReadDue = false;
      // A read that waited for this has its own time limit.
      endRead();
      signal();
    },
  });

  const signals = createSignals({
    adapter,
    tokenStore,
    clock,
    log,
    onSignal: () => onChange(),
    pass: signal,
  });
  const sharing = connectionsOf(adapter);
  const ask = (): string | null | Promise<string | null> => signals.around(() => adapter.read());

  /** Whether what was found is no sign of another user. Before the first there is none to be another than. */
  const isSame = (held: string | null): boolean =>
    !tokenStore.hasToken ||
    held === seen ||
    writes.isOurs(held) ||
    (held !== null && (isKnown(held) || (!isCookie && tokenStore.isOfUser(held))));

  /** Takes down what a look that is not applied has found. */
  const note = (found: (isSame: boolean) => void, held: unknown): void => {
    if (held === null || typeof held === "string") found(isSame(held || null));
  };

  /** Looks by the way: where the storage cannot be asked, nothing is found. */
  const peek = (take: (held: unknown) => void): void => {
    try {
      const answer = ask();
      if (isPromise(answer)) answer.then(take, () => {});
      else take(answer);
    } catch {
      // It could not be asked.
    }
  };

  /** Looks who is there while this tab writes, which may be somebody else when that is through. */
  const glance = (): void => {
    glances += 1;
    if (glances > GLANCES) return;
    const found = doubt.look();
    // Nobody is there whom another could follow.
    if (!tokenStore.hasToken) {
      found(true);
      return;
    }
    peek((held) => note(found, held));
  };

  const onChange = (): void => {
    if (writes.isUnderWay) isReadDue = true;
    // It may tell of what it is just being given, or asked for.
    if (signals.isOwn) return;
    doubt.signal();
    if (writes.isUnderWay) glance();
    // Where a read waits for the write, everything is held already.
    if (state !== "waiting") signals.raise();
  };

  const fail = (code: ConnectionErrorCode, message: string, details?: ConnectionErrorDetails): void =>
    onFailure(new ConnectionError(code, message, details), true);

  const onReadFailed = (cause: unknown): void => {
    // Its code and its words are the adapter's; they are cleared of tokens where they are noted.
    if (isConnectionError(cause)) onFailure(cause, false);
    else
      fail(
        "ERR_STORAGE_READ",
        "The storage adapter could not read the token. It is tried again, and nobody is signed out.",
        { cause: tokenStore.maskError(cause) },
      );
  };

  /** Applies an answer. */
  const accept = (answer: unknown): void => {
    let held: string | null;
    try {
      held = checkAnswer(answer, isCookie);
    } catch (error) {
      if (isConnectionError(error)) onFailure(error, true);
      return;
    }
    const before = seen;
    seen = held;
    if (!isAsked()) state = "certain";
    // A sign-out says by itself what becomes of what is queued.
    if (held !== null) doubt.settle();
    onFound(held, before);
    if (held === null) doubt.settle();
  };

  const look = async (): Promise<string | null> => {
    const answer = ask();
    return isPromise(answer) ? timeouts.limit(answer) : answer;
  };

  /** A storage that answered at once, and does so no more, is read as any that takes its time. */
  const askLater = (answer: Promise<unknown>): true => {
    isSynchronous = false;
    answer.then(undefined, () => {});
    signal();
    return true;
  };

  return {
    /** What the storage was last known to hold; `undefined` before the first answer. */
    get seen() {
      return seen;
    },
    get isWriting(): boolean {
      return writes.isUnderWay;
    },
    /** Whether the last look had an answer, and nothing was signalled since. */
    get isCertain(): boolean {
      return state === "certain" && !isReadDue;
    },
    /** How many change signals were heard, and how often another user was found. */
    get heard(): number {
      return doubt.heard;
    },
    get others(): number {
      return doubt.others;
    },
    /** Begins to listen. */
    start(): void {
      isOver = false;
      sharing.add(onChange);
      signals.begin();
    },
    /** Ends whatever is under way. */
    stop(): void {
      isOver = true;
      endRead();
      timeouts.clear();
      sharing.delete(onChange);
      signals.end();
    },
    /** Says that there may be something else to read. */
    signal(): void {
      isOwnSignal = true;
      signal();
      isOwnSignal = false;
    },
    /** What a read that is under way answers does not count any more. */
    endRead(): void {
      endRead();
      state = "certain";
    },
    read(): void {
      if (!isOver) signals.begin();
      reads += 1;
      const mine = reads;
      // Armed by the first unanswered read, so that a storm of signals cannot put the limit off.
      if (!isAsked())
        readTimer = clock.setTimeout(() => {
          endRead();
          fail(
            "ERR_STORAGE_TIMEOUT",
            `The storage adapter did not answer within ${readTimeout} ms. It is asked again, and nobody is signed out.`,
          );
        }, readTimeout);
      state = writes.isUnderWay ? "waiting" : "reading";
      if (state === "waiting") {
        if (glances === 0 && !isOwnSignal) glance();
        return;
      }
      const found = doubt.look();
      const settle = (then: () => void, answer?: unknown): boolean => {
        const isOvertaken = mine !== reads;
        // One that was given up is none.
        if (!isOvertaken || isAsked()) signals.onAnswer(isOvertaken, (answer || null) === seen);
        if (isOvertaken) return false;
        endRead();
        then();
        return true;
      };
      try {
        const answer = ask();
        isSynchronous = !isPromise(answer);
        if (!isPromise(answer)) settle(() => accept(answer), answer);
        else
          answer.then(
            (value) => settle(() => accept(value), value) || note(found, value),
            (cause: unknown) => settle(() => onReadFailed(cause)),
          );
      } catch (cause) {
        settle(() => onReadFailed(cause));
      }
    },
    /** Whether the storage still holds what was last read. A change is reported. An asynchronous storage is not asked. */
    isCurrent(): boolean {
      if (!isSynchronous) return !(writes.isUnderWay && doubt.isOther);
      if (isCompared && !writes.isUnderWay) return true;
      try {
        let answer = ask();
        if (isPromise(answer)) return askLater(answer);
        const held = answer || null;
        const isNews = held !== seen && (held === null || !isKnown(held));
        if (writes.isUnderWay) {
          if (isNews) doubt.look()(isSame(held));
          isReadDue ||= isNews;
          return !isNews;
        }
        if (!isNews) {
          // It may have caught up with a token that was refreshed in memory, or another tab with this one.
          seen = held;
          isCompared = slowStorages.has(adapter);
          if (isCompared)
            queueMicrotask(() => {
              isCompared = false;
            });
          return true;
        }
        // One that is another at every look would never be current, and the connection start over without end.
        for (let looks = 0; looks < RESTLESS; looks += 1) {
          const again = ask();
          if (isPromise(again)) return askLater(again);
          if (again === answer) {
            accept(answer);
            return false;
          }
          answer = again;
        }
        fail(
          "ERR_STORAGE_READ",
          "The storage adapter's read() answers with another token each time, so that none can be current. Let it answer with the same one until that has changed.",
        );
      } catch (cause) {
        onReadFailed(cause);
      }
      return false;
    },
    /** As `write` of writes.ts; where `onWritten` answers `false`, what is stored by then is not current, and is read. */
    write(token: string | null, onWritten: () => unknown, onRefused?: () => void): void | Promise<void> {
      const onStored = (): void => {
        const before = seen;
        seen = token;
        // Another token is current by now, and not stored any more: a read follows, and finds news.
        if (onWritten() === false) {
          seen = before;
          isReadDue = true;
        }
        for (const each of [...sharing]) if (each !== onChange) each();
      };
      return writes.write(token, onStored, onRefused);
    },
    /** What it holds now is no news: it could not be removed. */
    disregard(): void {
      const at = doubt.heard;
      peek((held) => {
        if (at === doubt.heard && (held === null || typeof held === "string")) seen = held || null;
      });
    },
    /** What it holds now, for the caller alone. */
    look,
    /** Whether it still holds `expected`, unless that is stale by now; what it holds otherwise is reported. */
    async isStill(expected: string | null | undefined, isStale: () => boolean): Promise<boolean> {
      let held: string | null;
      let earlier: number;
      do {
        // What is being written is newer than what a look would find.
        await writes.settled();
        if (isOver || isStale()) return false;
        earlier = reads;
        const found = doubt.look();
        // What is answered at once is dealt with at once: what the server sends meanwhile may be another user's.
        const answer = ask();
        held = isPromise(answer) ? await timeouts.limit(answer) : answer;
        note(found, held);
      } while (writes.isUnderWay);
      if (isStale()) return false;
      if ((held || null) === expected) return true;
      // A read that began before this one, and hangs, has nothing to say any more.
      if (earlier === reads) endRead();
      accept(held);
      return false;
    },
  };
}
