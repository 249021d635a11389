import { NOBODY, Oracle, type Sent } from "./oracle.js";

/** Owner of what is emitted before the first look: it belongs to the first sign-in that is known. */
const FIRST = "the first to be signed in";

/**
 * Where the credential is a cookie, a pass is a link and the session that its handshake named. The library sees neither
 * the cookie nor the session. What it can know is what it is told: that somebody has signed in or out (the marker),
 * and whom the server names in `ready`. So what is emitted once somebody was named is that one's until the marker is
 * another one or the server names another, and nobody else's. What is emitted before that belongs to the user who is named
 * first under the same marker, even where the form was another's: nobody has told the library a name.
 */
export class CookieOracle extends Oracle {
  /** The place in the history of the marker under which a handshake has left. */
  readonly #signIns = new Map<string, number>();
  /** The passes that were shown since the server said last that the session has changed. */
  readonly #versions = new Set<string>();
  /** Whom the server has named last, by that place. */
  readonly #named = new Map<number, string>();
  /** The passes whose user was named. */
  readonly #known = new Set<string>();
  #first: number | undefined;
  /** How often the server has said that the session has changed. */
  #changes = 0;
  /** Whether it has named anybody since the last sign-out that was told. */
  #areNamed = false;
  /** Under which marker the server has said that nobody is signed in, or not any more. */
  #ended: number | undefined;

  constructor() {
    super(false);
  }

  override told(): void {
    super.told();
    if (this.heldAt(this.known) !== null) this.#first ??= this.known;
    else this.#areNamed = false;
  }

  override toldAtOnce(): void {
    super.toldAtOnce();
    if (this.content === null) this.#areNamed = false;
  }

  get areNamed(): boolean {
    return this.#areNamed;
  }

  /** Whom a server takes a link for that it has no name for any more: the next one without a name may be another. */
  nobodyOf(pass: string): string {
    return `nobody under sign-in ${this.#signIns.get(pass)}, change ${this.#changes}`;
  }

  protected override isNamed(): boolean {
    return this.#named.has(this.known);
  }

  protected override keeps(_: string, { isNamed }: Sent): boolean {
    return isNamed;
  }

  protected override owners(): string[] {
    const signIn = this.known;
    if (this.heldAt(signIn) === null) return [this.#first === undefined ? FIRST : NOBODY];
    return [this.#named.get(signIn) ?? unnamed(signIn)];
  }

  override presented(pass: string, others: readonly string[]): void {
    const signIn = this.known;
    this.#signIns.set(pass, signIn);
    this.#versions.add(pass);
    this.require(
      this.heldAt(signIn) !== null,
      "G2",
      () => `the handshake of ${pass} leaves, and nobody is signed in`,
    );
    this.require(others.length === 0, "G1", () => `${others} is open while the handshake of ${pass} leaves`);
  }

  /** The server is about to name the user of a link. */
  named(pass: string): void {
    const signIn = this.#signIns.get(pass);
    const user = this.userOf(pass);
    if (signIn === undefined || user === undefined) return;
    this.#known.add(pass);
    this.#ended = undefined;
    this.#areNamed = true;
    this.#named.set(signIn, user);
    this.heardOf(user);
    for (const { owners } of this.sent) {
      if (owners.delete(unnamed(signIn))) owners.add(user);
      if (signIn === this.#first && owners.delete(FIRST)) owners.add(user);
    }
  }

  /** The server is about to say that nobody is signed in, or not any more. */
  endIsSaid(): void {
    this.#ended = this.known;
  }

  /** The last marker that the library has read: up to which place in the history. */
  get signIn(): number {
    return this.known;
  }

  /** Whether anybody has said that nobody is signed in. */
  get mayBeSignedOut(): boolean {
    return this.heldAt(this.known) === null || this.#ended === this.known;
  }

  override read(number: number, pass: string, line?: string): void {
    this.require(this.#known.has(pass), "G3", () => `message ${number} was sent before ${pass} had a name`);
    super.read(number, pass, line);
  }

  protected override delivered(number: number, pass: string, isConnected: boolean): void {
    this.isUpToDate(pass);
    super.delivered(number, pass, isConnected);
  }

  /** The server is about to say that the session has changed. */
  changeIsSaid(): void {
    this.#versions.clear();
    this.#changes += 1;
  }

  override recovers(earlier: string, pass: string): void {
    this.require(
      this.#versions.has(earlier) && this.#signIns.get(earlier) === this.known,
      "G7",
      () => `the state of ${earlier} is offered by ${pass}, and the library was told of a change since`,
    );
  }

  /** A link that is open, or that brings something, was opened since the last that the library was told. */
  isUpToDate(pass: string): void {
    this.require(
      this.#signIns.get(pass) === this.known,
      "G2",
      () => `${pass} goes on, and the library was told of another sign-in or a sign-out since`,
    );
  }
}

/** Owner of what is emitted under a marker before the server has named anybody. */
function unnamed(signIn: number): string {
  return `the user who is named first after sign-in ${signIn}`;
}
