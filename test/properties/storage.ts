import type { WatchedAdapter } from "./account.js";
import type { TokenJudge } from "./token-judge.js";

/** A storage that can fail and hang, and tells the judge what it tells the library. */
export class WatchedStorage implements WatchedAdapter {
  readonly #judge: TokenJudge;
  readonly #isAsync: boolean;
  readonly #listeners = new Set<() => void>();
  #hung: (() => void)[] = [];
  is: "up" | "down" | "hung" = "up";

  constructor(judge: TokenJudge, isAsync: boolean) {
    this.#judge = judge;
    this.#isAsync = isAsync;
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
    const index = this.#judge.contentIndex;
    const { content } = this.#judge;
    const answer = (): string | null => {
      this.#judge.told(index);
      return content;
    };
    if (!this.#isAsync) return answer();
    if (this.is === "up") return Promise.resolve().then(answer);
    return new Promise<void>((resolve) => this.#hung.push(resolve)).then(answer);
  }

  write(token: string | null): void | Promise<void> {
    this.#judge.stored(token);
    if (!this.#isAsync) {
      this.#judge.told();
      this.signal();
      return undefined;
    }
    const index = this.#judge.contentIndex;
    return Promise.resolve().then(() => {
      if (token === null || !this.#judge.isOvertaken(token)) this.#judge.told(index);
      this.signal();
    });
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
    this.#judge.stored(token);
    if (isTold) this.signal();
  }

  signal(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  become(state: "up" | "down" | "hung"): void {
    this.is = state;
    if (state !== "up") return;
    const hung = this.#hung;
    this.#hung = [];
    for (const resolve of hung) resolve();
  }
}
