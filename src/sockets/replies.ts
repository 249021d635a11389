import type { LinkSocket } from "../links/io-adapter.js";
import type { Reply } from "./outbox.js";

/** One time that a link is in the namespace: what it has asked ends with it. */
interface Stay {
  isOver: boolean;
}

interface Parts {
  /** Whether something may be written now; a change that is found is reported, and may end the link. */
  mayWrite(): boolean;
  queue(reply: Pick<Reply, "write">): void;
}

/**
 * The application's replies to events of one namespace. Each waits in the line of messages while it is uncertain whose
 * connection this is, and leaves on the link that brought the event, or never: it does not wait for the next one.
 */
export class Replies {
  readonly #parts: Parts;
  #stay: Stay = { isOver: false };
  /** Of the link before, which is finishing. */
  #oldStay: Stay = { isOver: true };

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The arguments of an event that has just come in, with the function that acknowledges it in the line of messages. */
  accept(args: readonly unknown[], socket: LinkSocket): readonly unknown[] {
    const acknowledge = args.at(-1);
    if (typeof acknowledge !== "function") return args;
    const stay = this.#stay;
    const isGone = (): boolean => stay.isOver || !socket.isConnected;
    const reply = (...values: unknown[]): void => {
      if (isGone()) return;
      this.#parts.queue({
        write: () => {
          const mayWrite = !isGone() && this.#parts.mayWrite();
          // Asking may have ended the link.
          if (isGone()) return true;
          if (mayWrite) acknowledge(...values);
          return mayWrite;
        },
      });
    };
    return [...args.slice(0, -1), reply];
  }

  /** Another link brings the events from now on; what the last one has asked may still be answered. */
  changeLink(): void {
    this.closeOldLink();
    this.#oldStay = this.#stay;
    this.#stay = { isOver: false };
  }

  /** The link has left the namespace, and the link before with it. */
  closeLink(): void {
    this.#stay.isOver = true;
    this.#stay = { isOver: false };
    this.closeOldLink();
  }

  /** The link before is gone. */
  closeOldLink(): void {
    this.#oldStay.isOver = true;
  }
}
