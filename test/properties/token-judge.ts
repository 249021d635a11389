import { Judge } from "./judge.js";

const HANDS = "@";

/** What lets in a token that the server takes for somebody else's by now. */
export function inOtherHands(token: string, user: string): string {
  return `${token}${HANDS}${user}`;
}

/** The token of a pass, whosever hands it is in. */
export function tokenIn(pass: string): string {
  return pass.split(HANDS)[0] ?? "";
}

/** A pass is a token, which the library may know as little of as it likes: it may be opaque. */
export class TokenJudge extends Judge {
  /** Whom the server has named last for a token. */
  readonly #named = new Map<string, string>();
  /** Tokens of sign-ins that another command came after before they were through, and what came. */
  readonly #overtaken = new Map<string, string | null>();

  /** Tokens that a refresh has brought: one that cannot be stored is good all the same, until the storage changes. */
  readonly #refreshed = new Set<string>();

  /** The token of a sign-in that was not stored yet, and not given up. */
  #coming: string | undefined;

  /** Somebody signs in. */
  comes(token: string): void {
    this.#coming = token;
  }

  /** That has ended, however. */
  hasCome(token: string | null | undefined): void {
    if (this.#coming === token) this.#coming = undefined;
  }

  /** What was stored last cannot be read, so that somebody may be about to be signed in. */
  isUnread = false;

  override get isSigningIn(): boolean {
    return this.isUnread || super.isSigningIn;
  }

  protected override get signer(): string | undefined {
    return this.#coming === undefined ? undefined : this.userOf(this.#coming);
  }

  /** A refresh brings a token. */
  refreshes(token: string): void {
    this.#refreshed.add(token);
  }

  /** Whether a token may be presented where the storage holds `held`. */
  isAsGoodAs(token: string, held: string | null): boolean {
    return token === held || (this.#refreshed.has(token) && this.userOf(token) === this.userOf(held));
  }

  /** The server tells the library whose a token is. */
  names(pass: string): void {
    this.#named.set(tokenIn(pass), this.userOf(pass) ?? "");
  }

  /** Whether the server has ever said whose a token is; before, it is whoever's the server will say. */
  hasNamed(token: string): boolean {
    return this.#named.has(token);
  }

  /** Another command comes before a sign-in is through: once stored, its token is not in force by that. */
  overtake(token: string, by: string | null): void {
    this.#overtaken.set(token, by);
    const [user, next] = [this.ownerOf(token), this.ownerOf(by)];
    // Nobody was in force yet: what is queued before belongs to the first who is.
    if (this.heldAt(this.known) !== null || user === undefined || next === undefined) return;
    for (const { owners, isWritten } of this.sent) if (!isWritten && owners.has(user)) owners.add(next);
  }

  isOvertaken(token: string): boolean {
    return this.#overtaken.has(token);
  }

  protected override owners(): (string | undefined)[] {
    return [
      // What the library knows, or may know, or may leave out for what comes after it.
      ...[this.known, ...this.mayKnow].flatMap((index) => {
        const token = this.heldAt(index);
        const by = this.#overtaken.get(token ?? "");
        return by === undefined ? [this.ownerOf(token)] : [this.ownerOf(token), this.ownerOf(by)];
      }),
    ];
  }

  protected override ownerOf(token: string | null): string | undefined {
    return this.#named.get(token ?? "") ?? this.userOf(token);
  }

  override presented(pass: string, others: readonly string[], limit: number): void {
    const token = tokenIn(pass);
    this.require(
      this.since(this.known).some((held) => this.isAsGoodAs(token, held)),
      "G2",
      () => `a handshake carries ${token}, and the storage has said ${this.heldAt(this.known)} since`,
    );
    this.require(others.length < limit, "G1", () => `${others.length} links are open beside a new one`);
    for (const other of others) {
      this.require(
        this.userOf(other) === this.userOf(pass),
        "G1",
        () => `a link of ${this.userOf(other)} is open while ${this.userOf(pass)}'s handshake leaves`,
      );
    }
  }

  override recovers(earlier: string, token: string): void {
    this.require(
      tokenIn(earlier) === tokenIn(token),
      "G7",
      () => `the state of ${earlier} is offered by ${token}`,
    );
  }
}
