import { isSame, type Owner, type Owners } from "../credential/owners.js";
import type { TokenSource } from "../credential/token-source.js";
import type { TokenStore } from "../credential/token-store.js";

/** What the gate has to know of a link. */
export interface LinkOwner {
  owner: Owner;
  /** Whether it is certain that the server has let this very owner in. */
  isCertain: boolean;
}

interface Parts {
  source: Pick<TokenSource, "isCertain" | "isCurrent">;
  tokenStore: Pick<TokenStore, "hasToken" | "token">;
  owners: Pick<Owners, "ofToken">;
  link(number: number): LinkOwner | undefined;
}

/**
 * The one place that answers: may this leave, may this come in? It asks the credential itself, each time and at once,
 * so that an event that the statechart has not come to yet keeps nothing open.
 */
export class Gate {
  /** No message is written, by order of the statechart. Replies and events go on. */
  isPaused = false;
  /** The link that the application has left: nothing goes through, also before the statechart has heard of it. */
  closed = 0;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether nothing was signalled by the storage that has not been read. */
  get isCertain(): boolean {
    return this.#parts.source.isCertain;
  }
  /** What a handshake, or a renewal in place, may present now; `undefined` where that token is not current any more. */
  token(version: number): string | undefined {
    const { source, tokenStore } = this.#parts;
    return source.isCurrent() ? tokenStore.token(version) : undefined;
  }
  /** Whether a message of this owner may be written on a link. */
  mayWrite(link: number, owner: Owner): boolean {
    // Looking may have made the statechart pause.
    return (
      !this.isPaused && this.mayReply(link) && !this.isPaused && isSame(owner, this.#parts.owners.ofToken)
    );
  }
  /**
   * Whether a reply may be written on the link that brought the question: that is asked again after a look at the
   * storage, where it answers at once. What it finds is reported.
   */
  mayReply(link: number): boolean {
    return this.mayDeliver(link) && this.#parts.source.isCurrent() && this.mayDeliver(link);
  }
  /** Whether what a link has brought may reach the application: it is of the user who is signed in, as far as is known. */
  mayDeliver(number: number): boolean {
    const { source, tokenStore, owners, link } = this.#parts;
    const found = link(number);
    return (
      number !== this.closed &&
      source.isCertain &&
      tokenStore.hasToken &&
      found?.isCertain === true &&
      isSame(found.owner, owners.ofToken)
    );
  }
}
