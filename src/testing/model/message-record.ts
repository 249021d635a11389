import { isConnectionError } from "../../errors.js";
import { expect } from "../contract.js";
import type { FakeIo } from "../fake-io.js";

/** Somebody; one whom only the server can name may turn out to be somebody who was there before. */
export interface User {
  name: string;
  /** What the tokens call the user; the server may see two people behind it. */
  subject: string;
}

/** A message that the application emitted, and what became of it. */
interface Sent {
  number: number;
  /** Who was signed in, as far as the application knew; `null` before the first answer of the storage. */
  user: User | null;
  /** The step in which it was emitted. */
  step: number;
  /** `pending`, `answered`, `judged`, or the code of the error that it was refused with. */
  outcome: string;
}

/** What the connection looks like while the record is balanced. */
interface Position {
  /** What a handshake must carry. */
  auth: object;
  isTokenCertain: boolean;
  isSignedOut: boolean;
  /** Whose messages may wait. */
  users: readonly (User | null)[];
  /** The link that has to prove that it is alive before anything is written on it; 0 for none. */
  doubted: number;
  /** Whether everything that was emitted must have left. */
  isOpen: boolean;
}

/** The messages that were emitted, held against what the server has seen. */
export class MessageRecord {
  readonly #io: FakeIo;
  readonly #sent: Sent[] = [];
  /** Whose token it is that a link presents; a user may have got another name since. */
  readonly #owners = new Map<string, User>();
  /** Whose the session of a link is, by the server's word. */
  readonly #named = new Map<number, User>();
  #seen = 0;
  #written = -1;
  #step = 0;
  /** The last steps in which nobody was signed in, and in which the user was another one. */
  #lastSignOut = -1;
  #lastChange = -1;

  constructor(io: FakeIo) {
    this.#io = io;
  }

  own(token: string | null, user: User): void {
    this.#owners.set(JSON.stringify({ token }), user);
  }

  /** Another step begins. */
  begin(): void {
    this.#step += 1;
  }

  /** In this step the user turns out to be another one. */
  changeUser(): void {
    this.#lastChange = this.#step;
  }

  /** In this step nobody is signed in, be it for a moment. */
  signOut(): void {
    this.#lastSignOut = this.#step;
  }

  /** The user has just signed out: nothing that was queued before may be left. */
  checkSignOut(): void {
    const numbers = this.#waiting.map(({ number }) => number).join(", ");
    expect(numbers === "", `The user has signed out, and these messages still wait: ${numbers} (G3).`);
  }

  /** Whose the token is that a link was opened with; `undefined` where it has presented none. */
  ownerOf(link: number): User | undefined {
    const handshake = this.#io.log.find((entry) => entry.type === "handshake" && entry.link === link);
    return handshake?.type === "handshake" ? this.#owners.get(JSON.stringify(handshake.auth)) : undefined;
  }

  /** The server says whose a link is, where its credential says nothing. */
  name(link: number, user: User): void {
    this.#named.set(link, user);
  }

  /** Takes down a message of a user's, which `emit` sends. */
  send(user: User | null, emit: (number: number) => Promise<unknown>): void {
    const sent: Sent = { number: this.#sent.length, user, step: this.#step, outcome: "pending" };
    this.#sent.push(sent);
    emit(sent.number).then(
      () => {
        sent.outcome = "answered";
      },
      (error: unknown) => {
        sent.outcome = isConnectionError(error) ? error.code : "no error of ours";
      },
    );
  }

  get #waiting(): Sent[] {
    return this.#sent.filter(({ outcome }) => outcome === "pending");
  }

  /** What must hold whatever the machine thinks, judged from the server's side. */
  balance({ auth, isTokenCertain, isSignedOut, users, doubted, isOpen }: Position): void {
    for (const entry of this.#io.log.slice(this.#seen)) {
      if (entry.type === "handshake" || entry.type === "reauthentication")
        expect(
          JSON.stringify(entry.auth) === JSON.stringify(auth),
          `Link ${entry.link} presented a token that is not the newest (G2).`,
        );
      if (entry.type !== "message" || entry.event !== "message") continue;
      expect(isTokenCertain, "A message was written while it was uncertain whose token is current (G3).");
      expect(
        entry.link !== doubted,
        `Message ${entry.args[0]} was written on link ${entry.link} before that had proved to be alive (F24).`,
      );
      this.#checkMessage(entry.link, Number(entry.args[0]));
    }
    this.#seen = this.#io.log.length;
    if (isSignedOut) this.signOut();
    this.#checkRefusals();
    const waiting = this.#waiting;
    const numbers = waiting.map(({ number }) => number).join(", ");
    expect(
      !isSignedOut || waiting.length === 0,
      `Nobody is signed in, and these messages have no answer: ${numbers} (G5).`,
    );
    const names = users.map((user) => user?.name);
    for (const { number, user } of waiting) {
      const isWelcome = user === null || names.includes(user.name);
      expect(isWelcome, `Message ${number} waits, and its user is not signed in any more (G3).`);
    }
    expect(
      !isOpen || waiting.length === 0,
      `The link is open, and these messages have no answer: ${numbers} (G4).`,
    );
  }

  #checkMessage(link: number, number: number): void {
    expect(
      number > this.#written,
      `Message ${number} was written after message ${this.#written}: not in order, or twice (G4).`,
    );
    this.#written = number;
    const sender = this.#sent[number]?.user?.name ?? "user1";
    const receiver = (this.ownerOf(link) ?? this.#named.get(link))?.name;
    expect(
      receiver === sender,
      `Message ${number} of ${sender} was sent on a link of ${receiver ?? "nobody"} (G3).`,
    );
  }

  /** A message may be given up only for what has happened since it was emitted. */
  #checkRefusals(): void {
    for (const sent of this.#sent) {
      const { number, step, outcome } = sent;
      if (["pending", "answered", "judged"].includes(outcome)) continue;
      sent.outcome = "judged";
      const isDue =
        (outcome === "ERR_LOGGED_OUT" && this.#lastSignOut >= step) ||
        (outcome === "ERR_IDENTITY_CHANGED" && this.#lastChange >= step) ||
        // It left, and its link ended before the answer came.
        (outcome === "ERR_LINK_CLOSED" && number <= this.#written);
      expect(
        isDue,
        `Message ${number} was refused with ${outcome}, and nothing had happened that asks for it (G4).`,
      );
    }
  }

  /** After the end, everything is answered. */
  close(): void {
    const numbers = this.#waiting.map(({ number }) => number).join(", ");
    expect(numbers === "", `The connection ended, and these messages have no answer: ${numbers} (G5).`);
  }
}
