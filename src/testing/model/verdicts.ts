import type { SnapshotFrom } from "xstate";
import { expect } from "../contract.js";
import type { FakeIo } from "../fake-io.js";
import type { FakeLink } from "../fake-link.js";
import type { ConnectionMachine, ModelEvent } from "./graph.js";

/** What the server has said of tokens and sessions, and what has to follow from it. */
export class Verdicts {
  readonly #io: FakeIo;
  readonly #isCookie: boolean;
  /** The credentials that the server wants to see no more. */
  readonly #refused = new Set<string>();
  /** What was applied on a link that was opened with something else. */
  readonly #taken = new Map<number, object>();
  /** Whether the session has changed, or somebody has just signed in, and it may still be on its way. */
  #isSessionDue = false;
  #wasSignedOut = false;
  /** Whether the server could be asked once more when the event came. */
  #mayAskAgain = true;
  #seen = 0;

  constructor(io: FakeIo, isCookie: boolean) {
    this.#io = io;
    this.#isCookie = isCookie;
  }

  /** An event is about to come from a link; `newest` is what a handshake has to carry now. */
  hear(event: ModelEvent, link: FakeLink | undefined, newest: object, mayAskAgain: boolean): void {
    this.#seen = this.#io.log.length;
    this.#mayAskAgain = mayAskAgain;
    if (event.type === "io.reauthenticated" && link?.auth) this.#taken.set(link.number, link.auth);
    // The application asks for one explicit attempt.
    if (event.type === "connect") this.#refused.clear();
    const isAgainst = "verdict" in event && (event.verdict === "refresh" || event.verdict === "logout");
    if (!isAgainst || this.#isCookie) return;
    const auth = JSON.stringify(event.type === "io.reauthenticationFailed" ? link?.auth : this.#authOf(link));
    if (auth === JSON.stringify(newest)) this.#refused.add(auth);
  }

  /** What the server of a link has seen of it, without what it was asked to take since and has not. */
  #authOf(link: FakeLink | undefined): object | undefined {
    const handshake = this.#io.log.find((entry) => entry.type === "handshake" && entry.link === link?.number);
    const first = handshake?.type === "handshake" ? handshake.auth : undefined;
    return this.#taken.get(link?.number ?? 0) ?? first;
  }

  /** Judges what has followed from the event. */
  check(event: ModelEvent, now: SnapshotFrom<ConnectionMachine>): void {
    for (const entry of this.#io.log.slice(this.#seen)) {
      if (entry.type !== "handshake" && entry.type !== "reauthentication") continue;
      const isRefused = this.#refused.has(JSON.stringify(entry.auth));
      expect(!isRefused, `Link ${entry.link} presented a token that the server has refused already (F14).`);
    }
    const isSignedOut = now.matches("loggedOut");
    expect(
      !isOutage(event) || this.#wasSignedOut || !isSignedOut,
      "Nobody has said a word against the token, and the user counts as signed out.",
    );
    this.#wasSignedOut = isSignedOut;
    const session = "session" in event ? event.session : undefined;
    if (session === "required" && this.#isCookie) {
      const isAwaited = this.#isSessionDue && this.#mayAskAgain;
      expect(
        isSignedOut !== isAwaited,
        isAwaited
          ? "The session may be on its way, after a sign-in or a change, and the user counts as signed out."
          : "Nobody is signed in in the session, by the server's word, and the user does not count as signed out.",
      );
    }
    const isLogin = event.type === "token.changed" && event.isLogin === true;
    if (isLogin || session === "changed") this.#isSessionDue = true;
    else if (event.type.includes(".credential.session.") || isSignedOut || now.matches("connected"))
      this.#isSessionDue = false;
  }
}

/** Trouble that says nothing about the token. */
function isOutage(event: ModelEvent): boolean {
  if ("verdict" in event) return event.verdict === "retry";
  return ["token.unreadable", "token.refreshFailed"].includes(event.type);
}
