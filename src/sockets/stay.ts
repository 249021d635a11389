import type { LinkSocket, Message as Written } from "../links/io-adapter.js";
import { Line } from "./line.js";
import { type Message, sendError } from "./message.js";

/**
 * One time that a link is in a namespace, or that none is. What it has to acknowledge ends with it, and so do the replies
 * to what it has asked: neither waits for the next link.
 */
export class Stay {
  /** Messages whose acknowledgement is waited for. */
  readonly pending = new Line<Message>();
  #state: "joining" | "open" | "over" = "joining";

  constructor(public socket?: LinkSocket) {}

  /** Whether the server has let it in, and it has not ended. */
  get isOpen(): boolean {
    return this.#state === "open" && this.socket?.isConnected === true;
  }
  /** Whether nobody waits for a reply any more. */
  get isOver(): boolean {
    return this.#state === "over" || !this.socket?.isConnected;
  }

  open(): void {
    this.#state = "open";
  }

  /** The link has left the namespace, or is gone, or goes on only to acknowledge. */
  end(): void {
    this.#state = "over";
  }

  /** Writes a message, and waits for its acknowledgement; false when it could not be written. */
  write(message: Message, onAck: (message: Message, values: readonly unknown[]) => void): boolean {
    const { event, args, flags, ack } = message;
    const written: Written = { event, args };
    if (flags.compress !== undefined) written.compress = flags.compress;
    if (ack) written.onAck = (...values) => onAck(message, values);
    if (!this.socket?.write(written)) return false;
    // Within that call it may have been acknowledged, or dropped.
    if (message.line) this.wait(message);
    return true;
  }

  /** Waits for the acknowledgement of a message. */
  wait(message: Message): void {
    if (!message.ack) return;
    this.pending.add(message);
    if (this.#state === "over") this.giveUp();
  }

  /** Waits for what another one has waited for, which has ended. */
  takeOver(other: Stay): void {
    other.end();
    for (const message of other.pending.removeAll()) this.pending.add(message);
  }

  /** No acknowledgement will come any more. Answers whether one was waited for. */
  giveUp(): boolean {
    const messages = this.pending.removeAll();
    for (const message of messages) if (message.takesErrors) message.fail(sendError("ERR_LINK_CLOSED"));
    return messages.length > 0;
  }
}
