import type { Clock } from "socket-rotor";
import type { WatchedAdapter } from "./account.js";
import type { TokenOracle } from "./token-oracle.js";

/** When an adapter tells its own listeners of what it has written: before the write is through, after that, or often. */
export type Echo = "none" | "before" | "after" | "often";

interface Writing {
  token: string | null;
  begun: number;
  end(isStored: boolean): void;
}

/** A storage that can fail and hang, and tells the oracle what it tells the library. */
export class WatchedStorage implements WatchedAdapter {
  readonly #oracle: TokenOracle;
  readonly #isAsync: boolean;
  readonly #clock: Clock;
  /** The library gives up a write that takes as long as this. */
  readonly #patience: number;
  readonly #listeners = new Set<() => void>();
  #hung: (() => void)[] = [];
  /** What it holds, and its place in the history. */
  #token: string | null = null;
  #index = 0;
  #areWritesSlow = false;
  #echo: Echo = "before";
  /** Writes that a step is to end. */
  #writing: Writing[] = [];
  is: "up" | "down" | "hung" = "up";

  constructor(oracle: TokenOracle, isAsync: boolean, clock: Clock, patience: number) {
    this.#oracle = oracle;
    this.#isAsync = isAsync;
    this.#clock = clock;
    this.#patience = patience;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  read(): string | null | Promise<string | null> {
    if (this.is === "down") {
      const error = new Error("the storage is down");
      if (!this.#isAsync) throw error;
      return Promise.reject(error);
    }
    const [index, token] = [this.#index, this.#token];
    const answer = (): string | null => {
      this.#oracle.told(index);
      return token;
    };
    if (!this.#isAsync) return answer();
    if (this.is === "up") return Promise.resolve().then(answer);
    return new Promise<void>((resolve) => this.#hung.push(resolve)).then(answer);
  }

  write(token: string | null): void | Promise<void> {
    if (this.#areWritesSlow) return this.#writeSlowly(token);
    this.#hold(token);
    if (!this.#isAsync) {
      if (this.#isNews(token)) this.#oracle.told();
      this.#tell();
      return undefined;
    }
    const index = this.#index;
    return Promise.resolve().then(() => this.#finish(token, index));
  }

  #writeSlowly(token: string | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const begun = this.#clock.now();
      const end = (isStored: boolean): void => {
        this.#oracle.hasCome(token);
        if (!isStored) {
          reject(new Error("the disk is full"));
          return;
        }
        this.#hold(token);
        this.#finish(token, this.#index, this.#isUnderWay({ begun }));
        resolve();
      };
      this.#writing.push({ token, begun, end });
    });
  }

  /** Whether the library still waits for a write. */
  #isUnderWay({ begun }: { begun: number }): boolean {
    return this.#clock.now() - begun < this.#patience;
  }

  #hold(token: string | null): void {
    this.#oracle.stored(token);
    this.#oracle.hasCome(token);
    // Where another command has come after the sign-in, only a read tells that it is stored.
    this.#oracle.isUnread = this.#isAsync && this.is !== "up";
    this.#token = token;
    this.#index = this.#oracle.contentIndex;
  }

  /** What a sign-out has removed was known to be gone before, and what was overtaken is not applied. */
  #isNews(token: string | null): boolean {
    return token === null ? !this.#oracle.isSignedOut : !this.#oracle.isOvertaken(token);
  }

  /** What is stored is known once the library hears that it is, and signalled as this adapter is like. */
  #finish(token: string | null, index: number, isAwaited = true): void {
    if (isAwaited && this.#isNews(token)) this.#oracle.told(index);
    const echo = this.#echo;
    if (echo === "before" || echo === "often") this.#tell();
    if (echo === "often") this.#tell();
    if (echo === "before" || echo === "none") return;
    let later = Promise.resolve();
    for (let turn = 0; turn < 5; turn += 1) later = later.then(() => {});
    void later.then(() => this.#tell());
  }

  subscribe(onMaybeChanged: () => void): () => void {
    const listener = (): void => onMaybeChanged();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Another tab writes. */
  set(token: string | null, isTold: boolean): void {
    this.#hold(token);
    if (isTold) this.signal();
  }

  /** Says that what it holds may be another token than before. */
  signal(): void {
    const canBeSeen = this.is === "up" || this.#writing.some((each) => this.#isUnderWay(each));
    if (canBeSeen && this.#listeners.size > 0) this.#oracle.signalled(this.#index);
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** The application goes by what is stored, also where a sign-out could not remove it. */
  reveal(): void {
    if (this.#oracle.content === this.#token) return;
    if (this.#token !== null) this.#oracle.forget(this.#token);
    this.#hold(this.#token);
  }

  /** From now on its writes are like this. */
  writeAs(are: "quick" | "slow", echo: Echo): void {
    this.#areWritesSlow = are === "slow";
    this.#echo = echo;
  }

  /** The oldest write that takes its time is through. */
  endWrite(isStored: boolean): void {
    this.#writing.shift()?.end(isStored);
  }

  become(state: "up" | "down" | "hung"): void {
    this.is = state;
    if (state !== "up") return;
    this.#oracle.isUnread = false;
    const hung = this.#hung;
    this.#hung = [];
    for (const resolve of hung) resolve();
  }

  mend(): void {
    this.writeAs("quick", "before");
    while (this.#writing.length > 0) this.endWrite(true);
    this.become("up");
    this.signal();
  }
}
