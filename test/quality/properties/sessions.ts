/** What a server knows of a session that has ended. */
export type SessionEnd = "session_changed" | "session_ended";

/** The sessions of a server, as one browser comes to them with its cookie, from whichever tab. */
export class Sessions {
  readonly #users = new Map<string, string>();
  readonly #replaced = new Set<string>();
  #number = 0;
  /** The one that was made last, if it goes on. */
  #newest: string | undefined;
  #cookie: string | undefined;
  /** Called when a session has changed or ended. */
  onEnd: () => void = () => {};

  /** The session that a handshake names now. */
  get cookie(): string | undefined {
    return this.#cookie;
  }

  /** Who is signed in in a session; `undefined` once it has ended. */
  userOf(session: string | undefined): string | undefined {
    return session === undefined ? undefined : this.#users.get(session);
  }

  /** What became of a session that has ended. */
  endOf(session: string): SessionEnd {
    return this.#replaced.has(session) ? "session_changed" : "session_ended";
  }

  /** Somebody signs in: the session gets another id, and the cookie follows, now or later. */
  begin(user: string, isCookieLate = false): void {
    if (this.#newest !== undefined) this.#replaced.add(this.#newest);
    this.#forget();
    this.#number += 1;
    this.#newest = `session ${this.#number}`;
    this.#users.set(this.#newest, user);
    if (!isCookieLate) this.#cookie = this.#newest;
    this.onEnd();
  }

  /** It is destroyed: a sign-out, or it has expired. */
  end(): void {
    this.#forget();
    this.#newest = undefined;
    this.onEnd();
  }

  /** The answer that brings the cookie has arrived. */
  cookieArrives(): void {
    if (this.#newest !== undefined) this.#cookie = this.#newest;
  }

  #forget(): void {
    if (this.#newest !== undefined) this.#users.delete(this.#newest);
  }
}
