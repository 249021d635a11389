import type { Clock, Connection } from "socket-rotor";
import type { Events, Requests } from "./client.js";

/** A message, and what has become of it. */
export interface Message {
  readonly number: number;
  readonly text: string;
  /** Who was signed in when it was emitted; `undefined` for nobody. */
  readonly owner: string | undefined;
  fate: "waits" | "sent" | "answered" | "dropped";
  /** In words. */
  words: string;
}

/** What is kept. */
const LIMIT = 20;

/** Emits messages and follows each to its end. */
export class Messages {
  /** Newest first. */
  readonly all: Message[] = [];
  readonly #connection: Connection<Events, Requests>;
  readonly #clock: Pick<Clock, "now">;

  constructor(connection: Connection<Events, Requests>, clock: Pick<Clock, "now">) {
    this.#connection = connection;
    this.#clock = clock;
  }

  async send(number: number, owner: string | undefined): Promise<void> {
    const text = `note ${number}`;
    const message: Message = { number, text, owner, fate: "waits", words: "waits for a link" };
    this.all.unshift(message);
    this.all.splice(LIMIT);
    const began = this.#clock.now();
    try {
      await this.#connection.socket.emitWithAck("note", number, text);
      message.fate = "answered";
      message.words = `answered after ${Math.round(this.#clock.now() - began)} ms`;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
      message.fate = "dropped";
      message.words = `${REASONS[code] ?? "not sent"} (${code})`;
    }
  }

  onWritten(number: number): void {
    const message = this.all.find((each) => each.number === number);
    if (message === undefined) return;
    message.fate = "sent";
    message.words = "sent, waits for the answer";
  }
}

/** Why a message has no answer. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_IDENTITY_CHANGED: "not sent: somebody else signed in",
  ERR_LOGGED_OUT: "not sent: nobody is signed in",
  ERR_LINK_CLOSED: "sent, but its link ended before the answer",
};
