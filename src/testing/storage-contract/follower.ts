import type { StorageAdapter } from "../../credential/storage-adapter.js";
import { describe, isSignedOut, PATIENCE } from "./asking.js";

/** A subscription that keeps what it learns. */
export interface Follower {
  signals(): number;
  hasRead(token: string | null): boolean;
  complaint(token: string | null): string;
  readonly canEnd: boolean;
  end(): void;
}

/** Subscribes, and reads at each signal, within the call, as the library does. */
export function follow(adapter: StorageAdapter): Follower {
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
