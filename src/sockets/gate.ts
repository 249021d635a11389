import { isSame, type Owner, type Owners } from "../credential/owners.js";
import type { TokenSource } from "../credential/token-source.js";
import type { Vault } from "../credential/vault.js";

/** What the gate has to know of a link. */
export interface LinkOwner {
  owner: Owner;
  /** Whether it is certain that the server has let this very owner in. */
  isCertain: boolean;
}

/**
 * The one place that answers: may this leave, may this come in? It asks the credential itself, each time and at once,
 * so that an event that the statechart has not come to yet keeps nothing open.
 */
export interface Gate {
  /** What a handshake, or a renewal in place, may present now; `undefined` where that token is not current any more. */
  token(epoch: number): string | undefined;
  /** Whether a message of this owner may be written on a link. */
  mayWrite(link: number, owner: Owner): boolean;
  /** Whether a reply may be written on the link that brought the question. */
  mayReply(link: number): boolean;
  /** Whether what a link has brought may reach the application. */
  mayDeliver(link: number): boolean;
  /** Nothing is written until `resume`; with `isIncomingToo` nothing is delivered either. By order of the statechart. */
  pause(isIncomingToo: boolean): void;
  resume(): void;
  /** The application has left this link: nothing goes through, also before the statechart has heard of it. */
  close(link: number): void;
}

interface Parts {
  source: Pick<TokenSource, "isCertain" | "isCurrent">;
  vault: Pick<Vault, "hasToken" | "token">;
  owners: Pick<Owners, "ofToken">;
  link(number: number): LinkOwner | undefined;
}

export function createGate({ source, vault, owners, link }: Parts): Gate {
  let isPaused = false;
  let isIncomingPaused = false;
  let closed = 0;

  /** Whether a link is of the user who is signed in, as far as is known without a look at the storage. */
  const isOfUser = (number: number): boolean => {
    const found = link(number);
    return (
      number !== closed &&
      source.isCertain &&
      vault.hasToken &&
      found?.isCertain === true &&
      isSame(found.owner, owners.ofToken)
    );
  };
  /** The same after a look at the storage, where it answers at once. What it finds is reported. */
  const isStillOfUser = (number: number): boolean =>
    isOfUser(number) && source.isCurrent() && isOfUser(number);

  return {
    token: (epoch) => (source.isCurrent() ? vault.token(epoch) : undefined),
    // Looking may have made the statechart pause.
    mayWrite: (number, owner) =>
      !isPaused && isStillOfUser(number) && !isPaused && isSame(owner, owners.ofToken),
    mayReply: (number) => !isIncomingPaused && isStillOfUser(number) && !isIncomingPaused,
    mayDeliver: (number) => !isIncomingPaused && isOfUser(number),
    pause(isIncomingToo) {
      isPaused = true;
      isIncomingPaused = isIncomingToo;
    },
    resume() {
      isPaused = false;
      isIncomingPaused = false;
    },
    close(number) {
      closed = number;
    },
  };
}
