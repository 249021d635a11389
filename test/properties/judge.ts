/** A rule that does not hold. */
export class Broken extends Error {}

function rule(holds: boolean, guarantee: string, orElse: () => string): void {
  if (!holds) throw new Broken(`${guarantee}: ${orElse()}`);
}

/** How many turns of the promises the library may take to hear of what an asynchronous storage has answered. */
const GAP = 12;

interface Sent {
  /** Who it may be sent as; nobody in particular where nobody was signed in yet. */
  owners: ReadonlySet<string>;
  isWritten: boolean;
  outcome: "pending" | "settled" | "none";
}

/**
 * Holds what a server sees against what the storage has said. Whose a token is only the stage knows: to the library
 * it may be opaque.
 */
export class Judge {
  /** Everything that the storage has held, in order. */
  readonly #history: (string | null)[] = [null];
  readonly #users = new Map<string, string>();
  /** What the library was told: up to which place in the history, and since which turn it knows. */
  readonly #told: { index: number; turn: number }[] = [{ index: 0, turn: -1 }];
  readonly #gap: number;
  #turn = 0;
  readonly #sent: Sent[] = [];
  readonly #delivered = new Set<number>();
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
  userOf(token: string | null): string | undefined {
    return token === null ? undefined : this.#users.get(token);
  }

  issue(token: string, user: string): void {
    this.#users.set(token, user);
  }
  turn(turns = 1): void {
    this.#turn += turns;
  }

  /** The storage holds something else. */
  stored(token: string | null): void {
    this.#history.push(token);
  }

  /** The storage has told the library what it held then. */
  told(index = this.contentIndex): void {
    this.#tell(index, this.#turn + this.#gap);
  }

  /** The application has told the library what is in the storage from now on. */
  toldAtOnce(): void {
    this.#tell(this.contentIndex, this.#turn);
  }

  #tell(index: number, turn: number): void {
    const newest = this.#told.at(-1)?.index ?? 0;
    this.#told.push({ index: Math.max(newest, index), turn });
  }

  /** What the library knows for certain of the history. */
  get #known(): number {
    return this.#told.filter(({ turn }) => turn <= this.#turn).at(-1)?.index ?? 0;
  }

  /** Who may be signed in right now, as far as the library knows. */
  #owners(): (string | undefined)[] {
    const heard = this.#told.filter(({ turn }) => turn > this.#turn).map(({ index }) => index);
    return [this.#known, ...heard].map((index) => this.userOf(this.#history[index] ?? null));
  }

  /** A token leaves for the server; `others` are those of the other links that are open. */
  presented(token: string, others: readonly string[], limit: number): void {
    rule(
      this.#history.slice(this.#known).includes(token),
      "G2",
      () => `a handshake carries ${token}, and the storage has said ${this.#history[this.#known]} since`,
    );
    rule(others.length < limit, "G1", () => `${others.length} links are open beside a new one`);
    for (const other of others) {
      rule(
        this.userOf(other) === this.userOf(token),
        "G1",
        () => `a link of ${this.userOf(other)} is open while ${this.userOf(token)}'s handshake leaves`,
      );
    }
  }

  /** The application sends a message; answers with its number. */
  emits(hasAnswer: boolean): number {
    const owners = this.#owners().filter((owner) => owner !== undefined);
    this.#sent.push({
      owners: new Set(owners),
      isWritten: false,
      outcome: hasAnswer ? "pending" : "none",
    });
    return this.#sent.length - 1;
  }

  settled(number: number): void {
    const sent = this.#sent[number];
    if (sent) sent.outcome = "settled";
  }

  /** The server has read a message on a link of this token; on each line messages come in order. */
  read(number: number, token: string, line = ""): void {
    const sent = this.#sent[number];
    const user = this.userOf(token);
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

  /** A listener has heard an event that the server sent on a link of this token. */
  delivered(number: number, token: string): void {
    rule(!this.#delivered.has(number), "G6", () => `event ${number} was delivered twice`);
    this.#delivered.add(number);
    const owners = this.#owners();
    rule(
      owners.includes(this.userOf(token)),
      "G6",
      () => `event ${number} for ${this.userOf(token)} was delivered to ${owners}`,
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
