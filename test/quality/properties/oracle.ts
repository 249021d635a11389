/** A rule that does not hold. */
export class Broken extends Error {}

function rule(holds: boolean, guarantee: string, orElse: () => string): void {
  if (!holds) throw new Broken(`${guarantee}: ${orElse()}`);
}

/** How many turns of the promises the library may take to hear of what an asynchronous storage has answered. */
const GAP = 12;

/** Owner of what is never sent. */
export const NOBODY = "nobody";

export interface Sent {
  /** The place in the history, and among what the server has said of users, at which it was emitted. */
  at: { history: number; namings: number };
  /** What the storage held then, as far as the library could know. */
  under: Set<string | null>;
  /** The server had said by then whose it was. */
  isNamed: boolean;
  /** It was emitted while a sign-in was being stored. */
  isExpected: boolean;
  /** Who it may be sent as; nobody in particular where nobody was signed in yet. */
  owners: Set<string>;
  /** It is on its way, on a network that takes its time. */
  hasLeft: boolean;
  isWritten: boolean;
  outcome: "pending" | "settled" | "none";
}

/**
 * Holds what a server sees against what the library was told. A pass is what lets a link in; whose it is only the harness
 * knows.
 */
export abstract class Oracle {
  /** Everything that the storage has held, in order. */
  readonly #history: (string | null)[] = [null];
  readonly #users = new Map<string, string>();
  /** The passes that the harness speaks of to the application, which itself is not to see any. */
  readonly #passes: string[] = [];
  /** What the library was told: up to which place in the history, and since which turn it knows. */
  readonly #told: { index: number; turn: number }[] = [];
  /** Up to which place it knows for certain. */
  #known = 0;
  readonly #gap: number;
  #turn = 0;
  /** The last place in the history of which the library was told that there is something to read. */
  #signalled = 0;
  readonly #sent: Sent[] = [];
  readonly #delivered = new Set<number>();
  /** Whom the server has named, in order; left empty where that is not to count. */
  readonly #namings: string[] = [];
  /** By the line that messages come in on. */
  readonly #lastRead = new Map<string, number>();
  /** The first rule that was broken, where a throw would be swallowed. */
  broken: Broken | undefined;

  constructor(isAsync: boolean) {
    this.#gap = isAsync ? GAP : 0;
  }

  /** Checks within the library's calls, where a throw may be caught. */
  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.broken ??= error instanceof Broken ? error : new Broken(String(error));
    }
  }

  get content(): string | null {
    return this.#history.at(-1) ?? null;
  }
  get contentIndex(): number {
    return this.#history.length - 1;
  }
  userOf(pass: string | null): string | undefined {
    return pass === null ? undefined : this.#users.get(pass);
  }

  /** What was issued to a user. */
  protected passesOf(user: string): string[] {
    return [...this.#users].filter(([, each]) => each === user).map(([pass]) => pass);
  }

  /** Whether the library knows of a sign-out, and of nobody since. */
  get isSignedOut(): boolean {
    return this.known > 0 && this.heldAt(this.known) === null;
  }

  issue(pass: string, user: string): void {
    this.#users.set(pass, user);
  }
  turn(turns = 1): void {
    this.#turn += turns;
  }

  /** The library is about to hear of a user from the server. */
  protected heardOf(user: string): void {
    this.#namings.push(user);
  }

  /** The storage holds something else. */
  stored(content: string | null): void {
    this.#history.push(content);
  }

  /** The library was told to read what the storage holds, and can. */
  signalled(index: number): void {
    this.#signalled = index;
  }

  /** The storage has told the library what it held then. */
  told(index = this.contentIndex): void {
    const { isSignedOut } = this;
    this.#tell(index, this.#turn + this.#gap);
    if (this.#gap === 0 && !isSignedOut) this.#signOut();
  }

  /** The application has told the library what is in the storage from now on. */
  toldAtOnce(): void {
    this.#tell(this.contentIndex, this.#turn);
    this.#signOut(true);
  }

  /** With a storage that answers at once, the library knows what it holds whenever something leaves. */
  looks(when: string): void {
    rule(
      this.#gap > 0 || this.heldAt(this.known) === this.content,
      "G2",
      () => `${when}, and nobody has looked what the storage holds`,
    );
  }

  /** What is queued is never sent once the library knows of a sign-out. */
  #signOut(isByUser = false): void {
    if (this.content !== null) return;
    for (const sent of this.#sent) {
      // Who is signing in meanwhile has not signed out.
      const isLost = isByUser || !(sent.isExpected && this.isSigningIn);
      if (!sent.hasLeft && !sent.isWritten && isLost) sent.owners = new Set([NOBODY]);
    }
  }

  #tell(index: number, turn: number): void {
    const newest = this.#told.at(-1)?.index ?? this.#known;
    this.#settle();
    this.#told.push({ index: Math.max(newest, index), turn });
  }

  /** Whatever it has had the time to take in is known. */
  #settle(): void {
    while ((this.#told[0]?.turn ?? Number.POSITIVE_INFINITY) <= this.#turn) {
      this.#known = Math.max(this.#known, this.#told.shift()?.index ?? 0);
    }
  }

  /** What the library knows for certain of the history: up to which place. */
  protected get known(): number {
    const settled = this.#told.filter(({ turn }) => turn <= this.#turn);
    return Math.max(this.#known, ...settled.map(({ index }) => index));
  }

  /** What it may know as well. */
  protected get mayKnow(): number[] {
    return this.#told.filter(({ turn }) => turn > this.#turn).map(({ index }) => index);
  }

  /** What the storage held at a place of the history. */
  protected heldAt(index: number): string | null {
    return this.#history[index] ?? null;
  }

  /** What it may have said since then. */
  protected since(index: number): (string | null)[] {
    return this.#history.slice(index);
  }

  protected get sent(): readonly Sent[] {
    return this.#sent;
  }

  /** Who may be signed in right now, as far as the library can know. */
  protected abstract owners(): (string | undefined)[];

  /** Whom the library takes for the owner of what the storage holds. */
  protected ownerOf(content: string | null): string | undefined {
    return this.userOf(content);
  }

  /** A pass leaves for the server; `others` are those of the other links that are open, at most `limit` in all. */
  abstract presented(pass: string, others: readonly string[], limit: number): void;

  /** A handshake offers to recover the state of an earlier link. */
  abstract recovers(earlier: string, pass: string): void;

  /** Whether a sign-in is being stored: what is emitted meanwhile waits for it, also where nobody is signed in. */
  get isSigningIn(): boolean {
    return this.signer !== undefined;
  }

  /** Who is signing in, by a token that is not stored yet. */
  protected get signer(): string | undefined {
    return undefined;
  }

  /** The application sends a message; answers with its number. */
  emits(hasAnswer: boolean): number {
    const { signer } = this;
    const author = this.#author();
    const places = author === undefined ? [this.known, ...this.mayKnow] : [this.contentIndex];
    const owners = signer === undefined ? (author ?? this.owners()) : [signer];
    this.#sent.push({
      at: { history: this.known, namings: this.#namings.length },
      under: new Set(places.map((index) => this.heldAt(index))),
      isNamed: this.isNamed(this.heldAt(this.known)),
      isExpected: signer !== undefined,
      owners: new Set(owners.filter((owner) => owner !== undefined)),
      hasLeft: false,
      isWritten: false,
      outcome: hasAnswer ? "pending" : "none",
    });
    return this.#sent.length - 1;
  }

  /**
   * Whose a message is that is emitted after a signal of another user, of whom the library is about to know: nobody
   * else's, whatever is stored by the time it knows.
   */
  #author(): string[] | undefined {
    const isUnknown = this.#signalled > this.known && this.#signalled === this.contentIndex;
    if (!isUnknown || this.heldAt(this.known) === null) return undefined;
    return [this.ownerOf(this.content) ?? NOBODY];
  }

  /** The library has given a message to the network. */
  leaves(number: number): void {
    const sent = this.#sent[number];
    if (sent) sent.hasLeft = true;
  }

  settled(number: number): void {
    const sent = this.#sent[number];
    if (sent) sent.outcome = "settled";
  }

  /** Whether the server has said whose this is, as far as the library can know. */
  protected abstract isNamed(content: string | null): boolean;
  /** Whether the library can know that what the storage holds now belongs to the owner of a message. */
  protected abstract keeps(content: string, sent: Sent, owner: string): boolean;

  /** A message was given up as another user's: somebody else must have been signed in meanwhile, or may have been. */
  dropped(number: number): void {
    const sent = this.#sent[number];
    const [owner, ...others] = sent?.owners ?? [];
    if (!sent || owner === undefined || owner === NOBODY || others.length > 0) return;
    const held = this.since(sent.at.history);
    rule(
      held.some((content) => content === null || !this.keeps(content, sent, owner)) ||
        this.#namings.slice(sent.at.namings).some((user) => user !== owner),
      "G4",
      () => `message ${number} of ${owner} was dropped as another user's, and there was none`,
    );
  }

  /** The server has read a message on a link of this pass; on each line messages come in order. */
  read(number: number, pass: string, line = ""): void {
    const sent = this.#sent[number];
    const user = this.userOf(pass);
    rule(
      sent !== undefined && (sent.owners.size === 0 || sent.owners.has(user ?? "")),
      "G3",
      () => `message ${number} of ${[...(sent?.owners ?? [])]} was sent as ${user}`,
    );
    rule(sent?.isWritten === false, "G4", () => `message ${number} was sent twice`);
    const last = this.#lastRead.get(line) ?? -1;
    rule(number > last, "G4", () => `message ${number} was sent after ${last}`);
    this.#lastRead.set(line, number);
    if (sent) sent.isWritten = true;
  }

  /** A reply comes by a link of this pass, on which nobody else's may be. */
  replied(number: number, pass: string): void {
    const sent = this.#sent[number];
    const user = this.userOf(pass) ?? "";
    const owners = [...(sent?.owners ?? [])];
    rule(owners.includes(user), "G3", () => `reply ${number} of ${owners} was sent as ${user}`);
    rule(
      this.owners().includes(user),
      "G3",
      () => `reply ${number} was sent as ${user} to be ${this.owners()}`,
    );
    rule(sent?.isWritten === false, "G4", () => `reply ${number} was sent twice`);
    if (sent) sent.isWritten = true;
  }

  /** A number for a pass, for the server to send. */
  labelOf(pass: string): number {
    const known = this.#passes.indexOf(pass);
    return known < 0 ? this.#passes.push(pass) - 1 : known;
  }

  /** A listener has heard an event that the server sent on a link of the pass with this number. */
  heard(number: number, label: number, isConnected: boolean): void {
    this.delivered(number, this.#passes[label] ?? "nobody's", isConnected);
  }

  protected delivered(number: number, pass: string, isConnected: boolean): void {
    rule(isConnected, "G6", () => `event ${number} was delivered by a link that was left`);
    rule(!this.#delivered.has(number), "G6", () => `event ${number} was delivered twice`);
    this.#delivered.add(number);
    const owners = this.owners();
    rule(
      owners.includes(this.userOf(pass)),
      "G6",
      () => `event ${number} for ${this.userOf(pass)} was delivered to ${owners}`,
    );
  }

  /** The messages that have no answer yet. */
  get due(): number[] {
    return this.#sent.flatMap(({ outcome }, number) => (outcome === "pending" ? [number] : []));
  }

  /** Every answer is in. */
  answered(): void {
    rule(this.due.length === 0, "G5", () => `these messages have no answer: ${this.due}`);
  }

  require(holds: boolean, guarantee: string, orElse: () => string): void {
    rule(holds, guarantee, orElse);
  }
}
