import { NOBODY, Oracle, type Sent } from "./oracle.js";

const HANDS = "@";

/** What lets in a token that the server takes for somebody else's by now. */
function inOtherHands(token: string, user: string): string {
  return `${token}${HANDS}${user}`;
}

/** The token of a pass, whosever hands it is in. */
export function tokenIn(pass: string): string {
  return pass.split(HANDS)[0] ?? "";
}

/** Whom a server takes a token for that it has no name for any more: nobody else has that one. */
function nobodyOf(token: string): string {
  return `nobody of ${token}`;
}

/** Sets a user apart from who was taken for that one before a server denied that they are the same. */
const AGAIN = "'";

/** What a token says of a user. */
export function nameOf(user: string): string {
  return user.split(AGAIN)[0] ?? "";
}

/** A pass is a token, which the library may know as little of as it likes: it may be opaque. */
export class TokenOracle extends Oracle {
  /** Whether a token does not say whose it is. One that does decides, whatever the server says. */
  readonly #isOpaque: boolean;
  /** Whether the server has named anybody since the last sign-out of which the library was told. */
  #areNamed = false;
  /** The library may have to doubt what it was told: its writes take their time, or the storage answers late. */
  #hasDoubts: boolean;
  /** Whom the server takes for the users of tokens that say who they are, since it has denied that. */
  readonly #denied = new Map<string, string>();
  /** Whom the server has named last for a token. */
  readonly #named = new Map<string, string>();
  /** Whose a token is by now that was somebody else's when it was issued. */
  readonly #hands = new Map<string, string>();
  /** Tokens of sign-ins that another command came after before they were through, and what came. */
  readonly #overtaken = new Map<string, string | null>();

  /** Tokens that a refresh has brought: one that cannot be stored is good even so, until the storage changes. */
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

  constructor(isAsync: boolean, isOpaque: boolean) {
    super(isAsync);
    this.#isOpaque = isOpaque;
    this.#hasDoubts = isAsync;
  }

  /** From now on writes may take their time. */
  doubts(): void {
    this.#hasDoubts = true;
  }

  get isOpaque(): boolean {
    return this.#isOpaque;
  }

  get areNamed(): boolean {
    return this.#areNamed;
  }

  /** A token is issued to a user. */
  override issue(pass: string, user: string): void {
    super.issue(pass, this.#denied.get(user) ?? user);
  }

  override told(index = this.contentIndex): void {
    super.told(index);
    if (this.heldAt(index) === null) this.#areNamed = false;
  }

  override toldAtOnce(): void {
    super.toldAtOnce();
    if (this.content === null) this.#areNamed = false;
  }

  /** From the next handshake on the server takes a token for another user's; answers with its pass. */
  changeHands(token: string, user: string): string {
    const pass = inOtherHands(token, user);
    this.issue(pass, user);
    this.#hands.set(token, user);
    return pass;
  }

  /** The server has no name for a token any more; answers with its pass on this link. */
  deny(token: string): string {
    const user = nobodyOf(token);
    const pass = inOtherHands(token, user);
    this.issue(pass, user);
    return pass;
  }

  /** What a token is worth to the server now. */
  passOf(token: string): string {
    const user = this.#hands.get(token);
    return user === undefined ? token : inOtherHands(token, user);
  }

  /** A token that was removed is taken anew: whom the server has named before the sign-out counts no more. */
  forget(token: string): void {
    this.#named.delete(token);
    super.issue(token, this.userOf(this.passOf(token)) ?? "");
  }

  /** Whether the library knows for certain that this token is the newest, and of no other one. */
  isCertainly(token: string): boolean {
    return this.mayKnow.length === 0 && this.known === this.contentIndex && this.content === token;
  }

  /**
   * The server is about to say that a token is another user's than its name says. From then on everything that says the
   * same is that other user's; answers with a pass for a link that stays whose it was.
   */
  denies(token: string, link: string): string {
    const user = this.userOf(token) ?? "";
    const next = `${user}${AGAIN}`;
    const before = inOtherHands(tokenIn(link), user);
    for (const pass of this.passesOf(user)) super.issue(pass, next);
    super.issue(before, user);
    this.#denied.set(nameOf(user), next);
    this.#areNamed = false;
    return before;
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
    this.#areNamed = true;
    if (!this.#isOpaque) return;
    const user = this.userOf(pass) ?? "";
    const token = tokenIn(pass);
    // What is emitted before belongs to the first who is named.
    for (const { under, owners, isWritten } of this.#named.has(token) ? [] : this.sent) {
      if (isWritten || !under.has(token) || owners.has(NOBODY)) continue;
      if (under.size === 1) owners.delete(this.userOf(token) ?? "");
      owners.add(user);
    }
    this.#named.set(token, user);
    this.heardOf(user);
  }

  /** Whether the server has ever said whose a token is; before, it is the user's whom the server will name. */
  hasNamed(token: string): boolean {
    return this.#named.has(token);
  }

  /** Another command comes before a sign-in is through: once stored, its token is not current by that. */
  overtake(token: string, by: string | null): void {
    this.#overtaken.set(token, by);
    const [user, next] = [this.ownerOf(token), this.ownerOf(by)];
    // There was no user yet: what is queued before belongs to the first who is.
    const inForce = this.heldAt(this.known);
    const isAnybody = inForce !== null && !this.#overtaken.has(inForce);
    if (isAnybody || user === undefined || next === undefined) return;
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

  protected override isNamed(token: string | null): boolean {
    return this.#areNamed && this.#named.has(token ?? "");
  }

  protected override keeps(token: string, { at, isNamed }: Sent, owner: string): boolean {
    if (this.#hasDoubts) return false;
    if (!this.#isOpaque) return this.ownerOf(token) === owner;
    // Where the server names nobody, each token may be another user's.
    return token === this.heldAt(at.history) || (isNamed && this.ownerOf(token) === owner);
  }

  override dropped(number: number): void {
    if (this.#hasDoubts) return;
    super.dropped(number);
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
