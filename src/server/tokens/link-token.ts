import type { Link } from "../link.js";
import type { ServerSocket } from "../socket-io-types.js";
import { type Alarm, createAlarm, type RateLimit } from "../timing.js";
import { TokenError } from "../token-error.js";
import { applyToSocket, type Credential, digestOf, isExpired, lifetimeOf } from "./credential.js";
import type { LinkIndex } from "./link-index.js";
import { both, isIssuedAfter, newerRequired, type Required } from "./requirements.js";
import type { Verifier } from "./verification.js";

/** The token of a link: its sockets in all namespaces share the one credential. */
export interface LinkToken {
  /** What was verified last; none until the first token has been. */
  readonly credential: Credential | undefined;
  /** How long the link is open with it, as it is told to the client. */
  readonly lifetime: { expiresIn?: number };
  /**
   * Verifies the token of a CONNECT. The link's credential stays what it is, if there is one: only
   * `reauthenticate` replaces it.
   */
  admit(token: string): Promise<void>;
  /** Verifies another token of the same user, and gives it to all sockets or to none. */
  reauthenticate(token: string): Promise<Credential>;
  /**
   * Closes the link at the deadline, unless `reauthenticate` brings a newer token until then. Answers whether that is
   * news for the client: nothing is where the token is new enough, or one is awaited as soon already.
   */
  require(required: Required): boolean;
  /** Whether a newer token is awaited. */
  readonly isOutdated: boolean;
  /** Gives a socket the link's credential as it is now. */
  applyToSocket(socket: ServerSocket): void;
}

/** What a link does about its token. */
export interface TokenRules {
  readonly verify: Verifier;
  /** Throws where a verified token is not to be used, as it was revoked. Answers whether a newer one is required. */
  readonly check: (credential: Credential) => Required | undefined;
  /** Where the link is found by its credential, for as long as it lives. */
  readonly index: LinkIndex;
  /** Of the tokens after the first; made for the link when there is a second one. */
  readonly createLimit: () => RateLimit;
  /** How long a token is good for after its expiry, in milliseconds. */
  readonly grace: number;
  /** Has to close the link, and to say why. */
  readonly onExpired: (link: Link, why: TokenError) => void;
}

/** The token that came last with a CONNECT or a re-authentication, without the token. */
interface Presented {
  readonly digest: string;
  readonly answer: Promise<Credential>;
}

/** A newer token is required than this one. */
interface Outdated extends Required {
  readonly digest: string | undefined;
  readonly tokenId: string | undefined;
}

type Use = (verified: Credential, required: Required | undefined) => void;

/** How many tokens of one connection may wait for their turn: each is kept until then. */
const MOST_WAITING = 64;
const WAIT = 1_000;

/** @param rules - The same object for every link. */
export function createLinkToken(link: Link, rules: TokenRules): LinkToken {
  return new TokenOfLink(link, rules);
}

/** A class, as each connection has one: closures would take more memory. */
class TokenOfLink implements LinkToken {
  readonly #link: Link;
  readonly #rules: TokenRules;
  readonly #expiry: Alarm;
  #limit: RateLimit | undefined;
  #credential: Credential | undefined;
  /** Of the credential's token. */
  #digest: string | undefined;
  #outdated: Outdated | undefined;
  #presented: Presented | undefined;
  #isFirst = true;
  #queue: Promise<unknown> | undefined;
  #waiting = 0;

  constructor(link: Link, rules: TokenRules) {
    this.#link = link;
    this.#rules = rules;
    this.#expiry = createAlarm(() => rules.onExpired(link, this.#whyOver()));
    link.ended.subscribe(() => {
      this.#expiry.stop();
      if (this.#credential !== undefined) rules.index.remove(link, this.#credential);
    });
  }

  get credential(): Credential | undefined {
    return this.#credential;
  }

  get lifetime(): { expiresIn?: number } {
    return lifetimeOf({ expiresAt: this.#end() }, this.#rules.grace);
  }

  get isOutdated(): boolean {
    return this.#outdated !== undefined;
  }

  async admit(token: string): Promise<void> {
    const { check, grace } = this.#rules;
    const digest = digestOf(token);
    if (this.#presented?.digest === digest) {
      const verified = await this.#presented.answer;
      if (!isExpired(verified, grace)) {
        check(verified);
        return;
      }
    }
    this.#take();
    const answer = this.#verifyInTurn(token, (verified, required) => {
      if (this.#credential === undefined) this.#adopt(verified, digest, required);
    });
    const mine: Presented = { digest, answer };
    this.#presented = mine;
    try {
      await answer;
    } catch (error) {
      // A token that was refused stays refused here; an outage says nothing about the token.
      const isOutage = error instanceof TokenError && error.data.error === "temporarily_unavailable";
      if (isOutage && this.#presented === mine) this.#presented = undefined;
      throw error;
    }
  }

  async reauthenticate(token: string): Promise<Credential> {
    this.#take();
    const digest = digestOf(token);
    const verified = await this.#verifyInTurn(token, (next, required) =>
      this.#replace(next, digest, required),
    );
    this.#presented = { digest, answer: Promise.resolve(verified) };
    return verified;
  }

  require(required: Required): boolean {
    const credential = this.#credential;
    if (credential === undefined || isIssuedAfter(required, credential)) return false;
    const earlier = this.#outdated;
    const { digest = this.#digest, tokenId = credential.tokenId } = earlier ?? {};
    this.#outdated = { ...both(earlier, required), digest, tokenId };
    this.#arm();
    return earlier === undefined || this.#outdated.deadline < earlier.deadline;
  }

  applyToSocket(socket: ServerSocket): void {
    if (this.#credential !== undefined) applyToSocket(socket, this.#credential);
  }

  /** The first token is free; a client that presents others over and over would have us verify them all. */
  #take(): void {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isFirst) return;
    this.#limit ??= this.#rules.createLimit();
    const retryAfter = this.#limit.take();
    if (retryAfter > 0) throw tooMany(retryAfter);
  }

  /** One verification after the other, so that answers come in the order of the questions. */
  #verifyInTurn(token: string, use: Use): Promise<Credential> {
    if (this.#waiting >= MOST_WAITING) throw tooMany(WAIT);
    this.#waiting += 1;
    const verify = (): Promise<Credential> => this.#verify(token, use);
    const answer = this.#queue === undefined ? verify() : this.#queue.then(verify);
    const done = (): void => {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#queue = undefined;
    };
    this.#queue = answer.then(done, done);
    return answer;
  }

  async #verify(token: string, use: Use): Promise<Credential> {
    const { verify, check, grace } = this.#rules;
    const { ended } = this.#link;
    const verified = await verify(token, ended);
    // Nothing would take it out of the index any more.
    if (ended.aborted) throw new TokenError("temporarily_unavailable", "The connection has ended.");
    // It would be let in only to be disconnected at once.
    if (isExpired(verified, grace)) throw new TokenError("invalid_token", "The token has expired.");
    const required = check(verified);
    if (this.#credential !== undefined && this.#credential.subject !== verified.subject) {
      throw new TokenError("identity_mismatch");
    }
    use(verified, required);
    return verified;
  }

  #replace(next: Credential, digest: string, required: Required | undefined): void {
    const { sockets } = this.#link;
    const previous = this.#credential;
    try {
      for (const socket of sockets) applyToSocket(socket, next);
    } catch {
      // An application may have frozen its `data`. Half of the sockets must not go on with another credential.
      for (const socket of sockets) {
        try {
          if (previous !== undefined) applyToSocket(socket, previous);
        } catch {
          // It is the one that could not be changed.
        }
      }
      throw new TokenError("temporarily_unavailable", "The sockets of this connection could not be updated.");
    }
    this.#adopt(next, digest, required);
  }

  #adopt(next: Credential, digest: string, required: Required | undefined): void {
    this.#rules.index.put(this.#link, next, this.#credential);
    this.#credential = next;
    this.#digest = digest;
    if (this.#outdated !== undefined && isNewer(this.#outdated, next, digest)) this.#outdated = undefined;
    if (required !== undefined) this.require(required);
    this.#arm();
  }

  #arm(): void {
    const end = this.#end();
    this.#expiry.set(end === undefined ? undefined : end + this.#rules.grace);
  }

  /** When the link is closed, `grace` later: the token is over, or no newer one has come. */
  #end(): number | undefined {
    const { expiresAt } = this.#credential ?? {};
    if (this.#outdated === undefined) return expiresAt;
    const deadline = this.#outdated.deadline - this.#rules.grace;
    return expiresAt === undefined ? deadline : Math.min(expiresAt, deadline);
  }

  #whyOver(): TokenError {
    const isOverdue = this.#outdated !== undefined && this.#outdated.deadline <= Date.now();
    return isOverdue ? newerRequired() : new TokenError("invalid_token", "The token has expired.");
  }
}

/** Whether a token is another one than the outdated one, and was issued since a newer one was required. */
function isNewer(outdated: Outdated, next: Credential, digest: string): boolean {
  if (digest === outdated.digest) return false;
  if (next.issuedAt !== undefined) return isIssuedAfter(outdated, next);
  const { tokenId } = outdated;
  return tokenId !== undefined && next.tokenId !== undefined && next.tokenId !== tokenId;
}

function tooMany(retryAfter: number): TokenError {
  return new TokenError("temporarily_unavailable", "Too many tokens were presented on this connection.", {
    retryAfter,
  });
}
