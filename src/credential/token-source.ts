import type { StorageEvent } from "../../machines/index.js";
import type { Clock } from "../clock.js";
import type { Lock } from "../environment/tab-lock.js";
import { isConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import type { Failures } from "../redaction/failures.js";
import type { Turn } from "../turn.js";
import { isPromise } from "../value.js";
import { createStorageAccess } from "./storage-access.js";
import type { StorageAdapter } from "./storage-adapter.js";
import { createTabNews, type Origin } from "./tab-news.js";
import type { TokenStore } from "./token-store.js";
import { tokenOfLogin } from "./token-text.js";

export type TokenSource = ReturnType<typeof createTokenSource>;

interface Parts {
  adapter: StorageAdapter;
  tokenStore: TokenStore;
  clock: Clock;
  readTimeout: number;
  lock: Lock;
  failures: Failures;
  log: Log;
  /** Another user may have been signed in meanwhile: what was emitted under a later stamp than this is to be dropped. */
  onDoubt(after: number): void;
  /** Runs what may call the application, which hears of it when all is done. */
  hold: Turn["hold"];
}

/** Turns a storage adapter into `token.*` events: reads, compares with the token store, and writes. */
export function createTokenSource({
  adapter,
  tokenStore,
  clock,
  readTimeout,
  lock,
  failures,
  log,
  onDoubt,
  hold,
}: Parts) {
  const isCookie = adapter.credential === "cookie";
  const tabs = isCookie ? createTabNews(tokenStore) : undefined;
  let report: (event: StorageEvent) => void = () => {};
  /** `login` and `logout` are numbered, and only the newest takes effect. */
  let commands = 0;
  /** The number of the newest `logout`. */
  let lastLogout = 0;
  /** Ends what still waits for the lock. */
  let ending = new AbortController();
  /** The next token read gets a new version even if it is the same: by `login()` without one, or the server's word. */
  let versionDue: "login" | "renewal" | undefined;
  let isLoginOpen = false;
  /** How many signals had been heard when the sign-in began that is under way. */
  let spokenAt = -1;
  /** How many calls of `login` have not ended. */
  let logins = 0;

  const isKnown = (value: string): boolean => (tabs ? tabs.isKnown(value) : tokenStore.holds(value));

  const adopt = (token: string, origin: Origin = "found", isEarlier = false): void =>
    hold(() => {
      const isRenewal = versionDue === "renewal" && isKnown(token);
      const isLogin = isCookie && origin === "login";
      versionDue = undefined;
      tabs?.take(token, origin);
      const adopted = tokenStore.adopt(token, isEarlier, isRenewal);
      if (adopted) report({ type: "token.changed", ...adopted, ...(isLogin && { isLogin }) });
    });

  const tellRemoved = (isLogout?: boolean): void => {
    tokenStore.clear(isLogout);
    report({ type: "token.removed" });
  };

  const onFound = (held: string | null, before: string | null | undefined): void => {
    if (held === before && !versionDue) {
      // A token that was refreshed in memory, or removed while the storage cannot be written, stays so until the storage changes.
      if (tokenStore.hasToken) report({ type: "token.unchanged" });
      else tellRemoved();
    } else if (held === null) {
      tellRemoved();
    } else if (!isKnown(held)) {
      const isFirst = before === undefined;
      adopt(held, isFirst ? "found" : "told", isFirst);
    } else if (versionDue) {
      adopt(held);
    } else {
      report({ type: "token.unchanged" });
    }
  };

  const access = createStorageAccess({
    adapter,
    tokenStore,
    clock,
    readTimeout,
    log,
    isKnown,
    onDoubt,
    onSignal: () => report({ type: "token.maybeChanged" }),
    onFailure: (error, isOurs) => report({ type: "token.unreadable", code: failures.note(error, isOurs) }),
    onFound: (held, before) =>
      hold(() => {
        onFound(held, before);
        // What a sign-in has stored was written over, before anybody has looked.
        if (logins === 0) tokenStore.giveUp();
      }),
  });
  const remove = (isLogout?: boolean): void => {
    access.endRead();
    hold(() => tellRemoved(isLogout));
  };

  /** Takes what another tab was heard to tell, where that is news by now; answers whether it was. */
  const hasNews = (): boolean => {
    const { seen } = access;
    if (!seen || isKnown(seen)) return false;
    adopt(seen, "told");
    return true;
  };

  /** Stores the marker by which the other tabs hear of the user, where there is need of one in place of what is stored. */
  const tell = async (markerFor: (stored: string) => string | undefined): Promise<void> => {
    // What is being written may be another sign-in, and what another tab has just stored is not written over.
    if (!adapter.write || access.isWriting || !access.isCurrent() || hasNews() || !access.seen) return;
    const marker = markerFor(access.seen);
    if (marker === undefined) return;
    try {
      await access.write(marker, () => tabs?.told(marker));
    } catch {
      log.warnOnce(
        "announcement",
        "The storage adapter could not store a marker, so other tabs hear of another user only from the server.",
      );
    }
  };

  const signIn = async (given: string | undefined): Promise<void> => {
    const token = tokenOfLogin(given, adapter);
    commands += 1;
    if (token === undefined) {
      versionDue = "login";
      spokenAt = -1;
      access.signal();
      return;
    }
    isLoginOpen = isCookie;
    const mine = commands;
    spokenAt = access.heard;
    tokenStore.expect(token);
    const onWritten = (): boolean => {
      // Should the newer sign-in fail, this is the one that the storage holds, and it is still to be applied.
      if (mine !== commands) return mine < lastLogout;
      spokenAt = -1;
      // This answers those who have asked for a read meanwhile.
      access.endRead();
      adopt(token, "login");
      return true;
    };
    const onRefused = (): void => {
      if (mine !== commands) return;
      spokenAt = -1;
      // The cookie may be another user's already, whatever becomes of the marker.
      if (isCookie) versionDue = "login";
    };
    const stored = access.write(token, onWritten, onRefused);
    // Until then it is uncertain as whom the application speaks.
    if (isPromise(stored) && (tokenStore.hasToken || !access.isCertain)) access.signal();
    await stored;
  };

  return {
    /** Begins to listen; returns the function that ends it. `heard` is the last version that the chart was told of. */
    start(listener: (event: StorageEvent) => void, heard = 0): () => void {
      report = listener;
      ending = new AbortController();
      // Signed in while the statechart did not run, which has not heard of it.
      if (tokenStore.hasToken && tokenStore.version !== heard) versionDue = "login";
      access.start();
      return () => {
        ending.abort();
        report = () => {};
        access.stop();
      };
    },
    /** Reads the storage and reports what was found. */
    read: access.read,
    /** What is found next begins a new version, also if it is the same: the server said that the session has changed. */
    renewVersion(): void {
      versionDue ??= "renewal";
    },
    /** Whether nothing was signalled that has not been looked at, and no look is under way. */
    get isCertain(): boolean {
      return access.isCertain;
    },
    /** How many change signals were heard: the stamp of what is emitted now. */
    get heard(): number {
      // No signal before a sign-in is a doubt of what is emitted after it.
      return spokenAt === access.heard ? 0 : access.heard;
    },
    /** Whether the storage still holds what was last read. A change is reported. An asynchronous storage is not asked. */
    isCurrent: access.isCurrent,
    /** Whether `login()` was called where the credential is a cookie, and the server has named nobody since. */
    get isLoginOpen(): boolean {
      return isLoginOpen;
    },
    /** The server has named the user: the other tabs are told, where they may know of another one. */
    announce(): void {
      isLoginOpen = false;
      if (!tabs) return;
      tabs.name();
      void tell(tabs.announcement);
    },
    /** The server lets nobody in here: when another tab tells of a user, that is news. */
    forget(): void {
      if (!tabs || !tokenStore.hasToken) return;
      tabs.forget();
      void tell(tabs.withdrawal);
    },
    login(given?: string): Promise<void> {
      const ended = signIn(given);
      // Until the application hears that it has failed, it speaks as who was to sign in.
      logins += 1;
      const end = (isRefused: boolean): void => {
        logins -= 1;
        if (logins > 0 || !tokenStore.isComing) return;
        if (isRefused) tokenStore.giveUp();
        // What waits for that goes on.
        access.signal();
      };
      ended.then(
        () => end(false),
        () => end(true),
      );
      return ended;
    },
    async logout(): Promise<void> {
      commands += 1;
      isLoginOpen = false;
      const mine = commands;
      spokenAt = -1;
      lastLogout = mine;
      // First of all and in this very tick: whatever the storage does, nothing of this user goes on.
      remove(true);
      if (!adapter.write) return;
      const { heard } = access;
      await access.write(
        null,
        () => {},
        () => {
          if (mine === commands && heard === access.heard) access.disregard();
        },
      );
      // No refresh can be about to store a marker, but somebody may be signing in.
      if (isCookie) return;
      const { signal } = ending;
      // Another tab may have been about to store a refreshed token: look once more when it has.
      const isStale = (): boolean => mine !== commands;
      const lookAgain = lock({ signal, isStale }, async (wasFree) => {
        const held = await access.look().catch(() => null);
        if (isStale() || !held) return;
        // Somebody has signed in meanwhile: another user, or one whom nobody here can name while no tab was refreshing.
        if (!(tokenStore.isLastUsers(held) ?? !wasFree)) await access.isStill(null, isStale);
        // What was found may have been applied meanwhile: it goes as well.
        else await access.write(null, () => mine === commands && remove());
      });
      await lookAgain.catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
    /**
     * Asks for a fresh token while no other tab does, and applies it, or signs out with `null`, unless something
     * newer has happened. A tab that finds a newer token in the storage takes that one and does not ask.
     */
    renew(ask: () => Promise<string | null>, signal: AbortSignal): Promise<void> {
      const origin = { version: tokenStore.version, seen: access.seen };
      const isOvertaken = (): boolean => tokenStore.version !== origin.version || !tokenStore.hasToken;
      /** Whether the storage still holds what the refresh began from; what it holds otherwise is taken. */
      const isUnchanged = (): Promise<boolean> => access.isStill(origin.seen, isOvertaken);
      return lock({ signal, isStale: isOvertaken }, async () => {
        if (!(await isUnchanged())) return;
        const token = await ask();
        if (!(await isUnchanged())) return;
        // Somebody may have signed in or out since that was found, while this waited for its turn.
        if (isOvertaken() || access.isWriting) return;
        /** Answers `false` where something newer is current. */
        const applyAnswer = (): boolean => {
          if (isOvertaken()) return false;
          if (token === null) remove();
          else adopt(token);
          return true;
        };
        if (!adapter.write) {
          applyAnswer();
          return;
        }
        const { others } = access;
        try {
          await access.write(token, applyAnswer);
        } catch (error) {
          // The answer is good even so; it stays in memory until the storage changes.
          if (!isConnectionError(error, "ERR_STORAGE_WRITE")) throw error;
          log.warn(error.message);
          // Somebody else has signed in, of whom the read that follows tells.
          if (access.others === others) applyAnswer();
        }
      });
    },
  };
}
