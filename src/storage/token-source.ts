import type { TokenEvent } from "../../machines/index.js";
import type { Clock } from "../clock.js";
import type { Lock } from "../environment/lock.js";
import { ConnectionError, type ConnectionErrorCode, isConnectionError } from "../errors.js";
import type { Failures } from "../failures.js";
import type { Log } from "../logger.js";
import { callSafely } from "../report-error.js";
import { describeType } from "../value.js";
import { createDeadlines } from "./deadlines.js";
import { randomMarker } from "./random-marker.js";
import type { StorageAdapter } from "./storage-adapter.js";
import { createTabNews } from "./tab-news.js";
import type { Vault } from "./vault.js";

/** Turns a storage adapter into `token.*` events: reads, compares with the vault, and writes. */
export interface TokenSource {
  /** Begins to listen; returns the function that ends it. */
  start(report: (event: TokenEvent) => void): () => void;
  /** Reads the storage and reports what was found; with `isRenewal`, under a new epoch even if it is the same. */
  read(isRenewal?: boolean): void;
  /** Whether the storage still holds what was last read. A change is reported. An asynchronous storage is not asked. */
  isCurrent(): boolean;
  /** Whether a change is signalled that the statechart has not come to yet. */
  readonly isSignalled: boolean;
  /** Whether `login()` was called where the credential is a cookie, and the server has named nobody since. */
  readonly isLoginOpen: boolean;
  /** The server has named the user: the other tabs are told, where they may know of another one. */
  announce(): void;
  /** The server lets nobody in here: when another tab tells of a user, that is news. */
  forget(): void;
  login(token?: string): Promise<void>;
  logout(): Promise<void>;
  /**
   * Asks for a fresh token while no other tab does, and puts it in force, or signs out with `null`, unless something
   * newer has happened. A tab that finds a newer token in the storage takes that one and does not ask.
   */
  renew(ask: () => Promise<string | null>, signal: AbortSignal): Promise<void>;
}

interface Parts {
  adapter: StorageAdapter;
  vault: Vault;
  clock: Clock;
  readTimeout: number;
  lock: Lock;
  failures: Failures;
  log: Log;
}

export function createTokenSource({
  adapter,
  vault,
  clock,
  readTimeout,
  lock,
  failures,
  log,
}: Parts): TokenSource {
  const deadlines = createDeadlines(clock, readTimeout);
  const isCookie = adapter.credential === "cookie";
  const tabs = isCookie ? createTabNews(vault) : undefined;
  let report: (event: TokenEvent) => void = () => {};
  /** What the storage was last known to hold; `undefined` before the first answer. */
  let seen: string | null | undefined;
  let isSynchronous = false;
  /** Reads are numbered, and only the answer to the newest counts. */
  let reads = 0;
  let readTimer: unknown;
  /** `login` and `logout` are numbered, and only the newest takes effect. */
  let commands = 0;
  let writesUnderWay = 0;
  let isOver = false;
  /** Ends what still waits for the lock. */
  let ending = new AbortController();
  let lastWrite: Promise<void> = Promise.resolve();
  let isReadDue = false;
  /** Ends the subscription; `undefined` while there is none. */
  let unsubscribe: (() => void) | undefined;
  /** A change was signalled, and the statechart has not come to it yet. */
  let isSignalled = false;
  /** The next token read gets a new epoch even if it is the same: by `login()` without one, or the server's word. */
  let epochDue: "login" | "renewal" | undefined;
  let isLoginOpen = false;

  const isKnown = (value: string): boolean => (tabs ? tabs.isKnown(value) : vault.holds(value));

  const fail = (code: ConnectionErrorCode, message: string, cause?: unknown): void => {
    const error = new ConnectionError(
      code,
      message,
      cause === undefined ? {} : { cause: vault.maskError(cause) },
    );
    report({ type: "token.unreadable", code: failures.note(error) });
  };

  const onReadFailed = (cause: unknown): void => {
    if (isConnectionError(cause)) fail(cause.code, vault.mask(cause.message), cause.cause);
    else
      fail(
        "ERR_STORAGE_READ",
        "The storage adapter could not read the token. It is tried again, and nobody is signed out.",
        cause,
      );
  };

  const signal = (): void => {
    isSignalled = true;
    report({ type: "token.maybeChanged" });
  };

  const endRead = (): void => {
    reads += 1;
    clock.clearTimeout(readTimer);
    readTimer = undefined;
  };

  /** Takes what the storage holds, and reports what that means. */
  const accept = (answer: unknown): void => {
    if (answer !== null && typeof answer !== "string") {
      fail(
        "ERR_INVALID_TOKEN",
        `The storage adapter's read() must answer with a string, or null when nobody is signed in, but answered with ${describeType(answer)}.`,
      );
      return;
    }
    const value = answer === "" ? null : answer;
    if (value === seen && !epochDue) {
      // A token that was refreshed in memory, or removed while the storage cannot be written, stays so until the storage changes.
      report({ type: vault.hasToken ? "token.unchanged" : "token.removed" });
      return;
    }
    const isFirst = seen === undefined;
    seen = value;
    if (value === null) {
      vault.clear();
      report({ type: "token.removed" });
    } else if (!isKnown(value)) {
      adopt(value, !isFirst);
    } else if (epochDue) {
      adopt(value);
    } else {
      report({ type: "token.unchanged" });
    }
  };

  const read = (): void => {
    isSignalled = false;
    reads += 1;
    const mine = reads;
    // Armed by the first unanswered read, so that a storm of signals cannot put the limit off.
    readTimer ??= clock.setTimeout(() => {
      endRead();
      fail(
        "ERR_STORAGE_TIMEOUT",
        `The storage adapter did not answer within ${readTimeout} ms. It is asked again, and nobody is signed out.`,
      );
    }, readTimeout);
    if (writesUnderWay > 0) {
      isReadDue = true;
      return;
    }
    const settle = (then: () => void): void => {
      if (mine !== reads) return;
      endRead();
      then();
    };
    try {
      const answer = adapter.read();
      isSynchronous = !isPromise(answer);
      if (!isPromise(answer)) settle(() => accept(answer));
      else
        answer.then(
          (value) => settle(() => accept(value)),
          (cause: unknown) => settle(() => onReadFailed(cause)),
        );
    } catch (cause) {
      settle(() => onReadFailed(cause));
    }
  };

  /**
   * Writes, within `readTimeout`, then calls `onWritten`; reads that come meanwhile wait. It stays synchronous
   * where the storage is, so that a page that is left right after `logout()` has removed its token.
   */
  const write = (token: string | null, onWritten: () => unknown): void | Promise<void> => {
    const succeed = (): void => {
      seen = token;
      // A read that began before the write may answer with what was there before.
      if (readTimer !== undefined) {
        endRead();
        isReadDue = true;
      }
      onWritten();
      end();
    };
    const refuse = (cause: unknown): never => {
      end();
      throw new ConnectionError(
        "ERR_STORAGE_WRITE",
        `The storage adapter could not ${token === null ? "remove" : "store"} the token, so that other tabs and the next page load do not know of it.`,
        { cause: vault.maskError(cause, token) },
      );
    };
    const end = (): void => {
      writesUnderWay -= 1;
      if (writesUnderWay > 0 || !isReadDue) return;
      isReadDue = false;
      signal();
    };
    const run = (): void | Promise<void> => {
      if (isOver) return refuse(new Error("The connection ended before the storage was written"));
      let answer: void | Promise<void>;
      try {
        answer = adapter.write?.(token);
      } catch (cause) {
        return refuse(cause);
      }
      if (isPromise(answer)) return deadlines.limit(answer).then(succeed, refuse);
      succeed();
      return undefined;
    };
    writesUnderWay += 1;
    // One after another, so that the newest is the last to land.
    const done = writesUnderWay === 1 ? run() : lastWrite.then(run, run);
    if (isPromise(done)) lastWrite = done;
    return done;
  };

  const readOnce = async (): Promise<string | null> => {
    const answer = adapter.read();
    return isPromise(answer) ? deadlines.limit(answer) : answer;
  };

  /** Puts a token in force; `isTold`: it is what another tab has stored. */
  const adopt = (token: string, isTold = false): void => {
    const isRenewal = epochDue === "renewal" && isKnown(token);
    epochDue = undefined;
    tabs?.take(token, isTold);
    report({ type: "token.changed", ...vault.adopt(token), ...(isRenewal && { isRenewal }) });
  };

  const remove = (): void => {
    endRead();
    vault.clear();
    report({ type: "token.removed" });
  };

  const isCurrent = (): boolean => {
    if (!isSynchronous || writesUnderWay > 0) return true;
    try {
      const answer = adapter.read();
      isSynchronous = !isPromise(answer);
      if (isPromise(answer) || (answer || null) === seen) return true;
      if (answer !== null && isKnown(answer)) {
        // The storage has caught up with a token that was refreshed in memory, or another tab with this one.
        seen = answer;
        return true;
      }
      accept(answer);
    } catch (cause) {
      onReadFailed(cause);
    }
    return false;
  };

  /** Subscribes, unless that is done: one that has failed is tried again. */
  const listen = (): void => {
    if (unsubscribe || isOver) return;
    let hasBegun = false;
    try {
      const end: unknown = adapter.subscribe(() => {
        // One that calls back and then throws would else be asked for ever.
        if (!hasBegun) return;
        if (writesUnderWay > 0) isReadDue = true;
        else signal();
      }, log);
      hasBegun = true;
      unsubscribe = typeof end === "function" ? () => end() : () => {};
      if (typeof end === "function") return;
      log.warnOnce(
        "unsubscribe",
        `The storage adapter's subscribe() must give back the function that ends the subscription, but gave back ${describeType(end)}: what it has begun goes on after dispose().`,
      );
    } catch (cause) {
      log.warnOnce(
        "subscribe",
        `The storage adapter's subscribe() failed, so that a change is heard of only when the token is read. It is tried again with each read. ${vault.maskError(cause)}`,
      );
    }
  };

  /** Takes what another tab was heard to tell, where that is news by now; answers whether it was. */
  const hasNews = (): boolean => {
    if (!seen || isKnown(seen)) return false;
    adopt(seen, true);
    return true;
  };

  /** Stores the marker by which the other tabs hear of the user; this one knows. */
  const tell = async (marker: string): Promise<void> => {
    try {
      await write(marker, () => tabs?.told(marker));
    } catch {
      log.warnOnce(
        "announcement",
        "The storage adapter could not store a marker, so that other tabs hear only from the server that another user is signed in.",
      );
    }
  };

  return {
    start(listener) {
      report = listener;
      isOver = false;
      ending = new AbortController();
      listen();
      return () => {
        isOver = true;
        ending.abort();
        report = () => {};
        endRead();
        deadlines.clear();
        if (unsubscribe) callSafely(unsubscribe);
        unsubscribe = undefined;
      };
    },
    read(isRenewal) {
      listen();
      if (isRenewal) epochDue ??= "renewal";
      read();
    },
    get isSignalled() {
      return isSignalled;
    },
    isCurrent,
    get isLoginOpen() {
      return isLoginOpen;
    },
    announce() {
      isLoginOpen = false;
      tabs?.name();
      // What is being written may be another sign-in.
      if (!tabs || !adapter.write || writesUnderWay > 0 || !isCurrent() || hasNews() || !seen) return;
      const marker = tabs.announcement(seen);
      if (marker !== undefined) void tell(marker);
    },
    forget() {
      if (!tabs || !vault.hasToken) return;
      tabs.forget();
      if (hasNews() || !seen || !adapter.write || writesUnderWay > 0) return;
      const marker = tabs.withdrawal(seen);
      // What another tab has just stored is not written over.
      if (marker !== undefined && isCurrent()) void tell(marker);
    },
    async login(given) {
      if (given === undefined && !isCookie) {
        commands += 1;
        epochDue = "login";
        signal();
        return;
      }
      if (given !== undefined && isCookie) {
        throw new ConnectionError(
          "ERR_INVALID_TOKEN",
          "login() takes no token here: the credential is a cookie, which the server has set. Call it without one, after the HTTP call that signs in.",
        );
      }
      const token = isCookie ? randomMarker() : given;
      if (typeof token !== "string" || token === "") {
        throw new ConnectionError(
          "ERR_INVALID_TOKEN",
          `login(token) takes a token that is a string, but got ${describeType(token)}.`,
        );
      }
      if (!adapter.write) {
        throw new ConnectionError(
          "ERR_STORAGE_READ_ONLY",
          "login(token) needs a storage adapter with a write method. Sign in through whatever this storage follows, and call login() without a token.",
        );
      }
      commands += 1;
      isLoginOpen = isCookie;
      const mine = commands;
      await write(token, () => {
        if (mine === commands) adopt(token);
      });
    },
    async logout() {
      commands += 1;
      isLoginOpen = false;
      const mine = commands;
      // First of all and in this very tick: whatever the storage does, nothing of this user goes on.
      remove();
      if (!adapter.write) return;
      await write(null, () => {});
      // No refresh can be about to store a marker, but somebody may be signing in.
      if (isCookie) return;
      const { signal } = ending;
      // Another tab may have been about to store a refreshed token: look once more when it has.
      const lookAgain = lock({ signal, isMoot: () => mine !== commands }, async () => {
        const held = await readOnce().catch(() => null);
        // What was found may have been put in force meanwhile: it goes as well.
        if (mine === commands && held) await write(null, () => mine === commands && remove());
      });
      await lookAgain.catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
    renew(ask, signal) {
      const origin = { epoch: vault.epoch, seen };
      const isOvertaken = (): boolean => vault.epoch !== origin.epoch || !vault.hasToken;
      /** Whether the storage still holds what the refresh began from; what it holds otherwise is taken. */
      const isUnchanged = async (): Promise<boolean> => {
        let held: string | null;
        let earlier: number;
        do {
          // What is being written is newer than what a look would find.
          await lastWrite.catch(() => {});
          if (isOvertaken()) return false;
          earlier = reads;
          held = await readOnce();
        } while (writesUnderWay > 0);
        if (isOvertaken()) return false;
        if ((held || null) === origin.seen) return true;
        // A read that began before this one, and hangs, has nothing to say any more.
        if (earlier === reads) endRead();
        accept(held);
        return false;
      };
      return lock({ signal, isMoot: isOvertaken }, async () => {
        if (!(await isUnchanged())) return;
        const token = await ask();
        if (!(await isUnchanged())) return;
        // Somebody may have signed in or out since that was found, while this waited for its turn.
        if (isOvertaken() || writesUnderWay > 0) return;
        const putInForce = (): void => {
          if (isOvertaken()) return;
          if (token === null) remove();
          else adopt(token);
        };
        if (!adapter.write) return putInForce();
        try {
          await write(token, putInForce);
        } catch (error) {
          // The answer is good all the same; it stays in memory until the storage changes.
          if (!isConnectionError(error, "ERR_STORAGE_WRITE")) throw error;
          log.warn(error.message);
          putInForce();
        }
      });
    },
  };
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
