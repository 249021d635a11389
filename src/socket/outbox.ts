import type { ConnectionErrorCode } from "../errors.js";
import type { Message } from "../io/io-adapter.js";
import { type PendingAck, sendError } from "./pending-ack.js";

/** What waits for its turn. */
interface Queued {
  /** How many signals of a change had been heard when it was queued. */
  heard?: number;
}

/** A message on its way out. */
export interface Outgoing extends Queued {
  event: string;
  args: readonly unknown[];
  ack?: PendingAck;
  /** It is lost, and not kept, when it cannot leave at once. */
  isVolatile?: boolean;
  compress?: boolean;
  /** The listeners of outgoing messages know of it. */
  isAnnounced?: boolean;
}

/** The answer to an event of the server's, which only the link that brought the event can take. */
export interface Reply extends Queued {
  /** Answers whether it needs no more waiting: it was written, or its link is gone. */
  write(): boolean;
}

/**
 * Messages and replies of one namespace that were not written yet, in order, and acknowledgements that are due. It never
 * decides whether to send: it is told to write, to drop, or to wait.
 */
export class Outbox {
  readonly #limit: number;
  readonly #onDropped: (event: string, code: ConnectionErrorCode) => void;
  readonly #onFinished: () => void;
  readonly #isCookie: boolean;
  #queue: Array<Outgoing | Reply> = [];
  /** Messages that wait for the server to say whether their user is still the one who is signed in. */
  #aside: Array<Outgoing | Reply> | undefined;
  #isDraining = false;
  readonly #written = new Set<PendingAck>();
  /** Due on the link before, which is finishing. */
  readonly #old = new Set<PendingAck>();

  /**
   * @param onFinished - Called when nothing is due on the link before any more.
   * @param isCookie - The credential is a cookie, which an error's advice goes by.
   */
  constructor(
    limit: number,
    onDropped: (event: string, code: ConnectionErrorCode) => void,
    onFinished: () => void = () => {},
    isCookie = false,
  ) {
    this.#limit = limit;
    this.#onDropped = onDropped;
    this.#onFinished = onFinished;
    this.#isCookie = isCookie;
  }

  /** Whether nothing is due on the link before. */
  get isFinished(): boolean {
    return this.#old.size === 0;
  }

  /** Queues a message, or a reply. */
  add(due: Outgoing | Reply): void {
    this.#queue.push(due);
  }

  /** Refuses the newest messages, where more are queued than may be. Of replies there are as many as there were events. */
  enforceLimit(): void {
    const room = Math.max(0, this.#limit - (this.#aside?.filter(isMessage).length ?? 0));
    const refused = new Set<Outgoing | Reply>(this.#queue.filter(isMessage).slice(room));
    this.#queue = this.#queue.filter((each) => !refused.has(each));
    for (const each of refused) this.drop(each, "ERR_BUFFER_FULL");
  }

  /**
   * Takes out what is queued, in order, for as long as `write` says that it was written, and refuses the newest of what
   * is left, where that is more than may wait.
   */
  drain(write: (message: Outgoing) => boolean, onError: (error: unknown) => void): void {
    // Encoding a message may run the application's code, which may emit: that waits for its turn.
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      this.#drainAll(write, onError);
      this.#drainReplies(onError);
    } finally {
      this.#isDraining = false;
    }
    for (const due of this.#queue) if (isMessage(due) && due.isVolatile) this.#abandon(due);
    this.enforceLimit();
  }

  #drainAll(write: (message: Outgoing) => boolean, onError: (error: unknown) => void): void {
    for (let due = this.#queue[0]; due; due = this.#queue[0]) {
      const message = isMessage(due) ? due : undefined;
      try {
        if (!(isMessage(due) ? write(due) : due.write())) {
          if (!message?.isVolatile) return;
          this.#abandon(message);
        }
      } catch (error) {
        // It cannot be encoded, and what follows must not wait for it.
        if (error instanceof Error && message?.ack?.takesErrors) message.ack.settle(error, []);
        else onError(error);
      }
      // Writing may have found another token, and emptied the queue.
      if (this.#queue[0] === due) this.#queue.shift();
    }
  }

  /** A message that waits for the next link keeps no reply from leaving, which has only the link that asked. */
  #drainReplies(onError: (error: unknown) => void): void {
    for (const due of [...this.#queue]) {
      if (isMessage(due)) continue;
      try {
        if (!due.write()) return;
      } catch (error) {
        onError(error);
      }
      this.#queue = this.#queue.filter((each) => each !== due);
    }
  }

  /** Takes out a message that is volatile. Its acknowledgement waits as if it had been written and lost. */
  #abandon(message: Outgoing): void {
    // Looking whether it can be written may have emptied the queue, and settled it.
    if (!this.#queue.includes(message)) return;
    this.#queue = this.#queue.filter((each) => each !== message);
    if (message.ack) this.#written.add(message.ack);
  }

  /** Writes one message; false when it was not written. */
  send({ event, args, ack, compress }: Outgoing, write: (message: Message) => boolean): boolean {
    const message: Message = compress === undefined ? { event, args } : { event, args, compress };
    if (!ack) return write(message);
    const onAck = (...values: unknown[]): void => {
      if (this.#written.delete(ack)) ack.settle(null, values);
      else if (this.#old.delete(ack)) {
        ack.settle(null, values);
        this.#tellFinished();
      }
    };
    this.#written.add(ack);
    let isWritten = false;
    try {
      isWritten = write({ ...message, onAck });
    } finally {
      if (!isWritten) this.#written.delete(ack);
    }
    return isWritten;
  }

  /** Forgets a message whose acknowledgement has timed out. */
  forget(ack: PendingAck): void {
    this.#written.delete(ack);
    const isOther = (due: Outgoing | Reply): boolean => !isMessage(due) || due.ack !== ack;
    this.#queue = this.#queue.filter(isOther);
    this.#aside = this.#aside?.filter(isOther);
    if (this.#old.delete(ack)) this.#tellFinished();
  }

  /** Drops everything that is queued; or, where `after` is given, what was queued after so many signals. */
  discard(code: ConnectionErrorCode, after = -1): void {
    const isKept = ({ heard = 0 }: Queued): boolean => heard <= after;
    const dropped = [...(this.#aside ?? []), ...this.#queue].filter((due) => !isKept(due));
    this.#aside = after < 0 ? undefined : this.#aside?.filter(isKept);
    this.#queue = this.#queue.filter(isKept);
    for (const message of dropped) this.drop(message, code);
  }

  /**
   * Keeps what is queued, nothing among it, out of the way until it is known whose turn it is. What is queued when
   * that is awaited already belongs to somebody who was never named, and is dropped.
   */
  setAside(): void {
    const queued = this.#queue;
    this.#queue = [];
    if (this.#aside === undefined) this.#aside = queued;
    else for (const message of queued) this.drop(message, "ERR_IDENTITY_CHANGED");
  }

  /** The same user: what was set aside comes first. */
  takeBack(): void {
    this.#queue = [...(this.#aside ?? []), ...this.#queue];
    this.#aside = undefined;
  }

  /** Another user: what was set aside is dropped. */
  discardAside(): void {
    const dropped = this.#aside ?? [];
    this.#aside = undefined;
    for (const message of dropped) this.drop(message, "ERR_IDENTITY_CHANGED");
  }

  /** Another link carries the messages from now on; what is due on the last one may still come in. */
  changeLink(): void {
    for (const ack of this.#written) this.#old.add(ack);
    this.#written.clear();
  }

  /** Gives up the acknowledgements that were due: their link is gone, and the link before with it. */
  closeLink(): void {
    // Replies have only the link that asked.
    this.#queue = this.#queue.filter(isMessage);
    this.#aside = this.#aside?.filter(isMessage);
    this.#giveUp(this.#written);
    this.closeOldLink();
  }

  /** Gives up what is still due on the link before. */
  closeOldLink(): void {
    if (this.isFinished) return;
    this.#giveUp(this.#old);
    this.#tellFinished();
  }

  #giveUp(pending: Set<PendingAck>): void {
    const due = [...pending];
    pending.clear();
    for (const ack of due) {
      if (ack.takesErrors) ack.settle(sendError("ERR_LINK_CLOSED"), []);
      else ack.cancel?.();
    }
  }

  #tellFinished(): void {
    if (this.isFinished) this.#onFinished();
  }

  /** Tells whoever sent a message that it will not be sent. Of a reply nobody is told: its question is gone too. */
  drop(due: Outgoing | Reply, code: ConnectionErrorCode): void {
    if (!isMessage(due)) return;
    const { event, ack, isVolatile } = due;
    if (ack?.takesErrors) ack.settle(sendError(code, this.#isCookie), []);
    else if (!isVolatile) this.#onDropped(event, code);
  }
}

function isMessage(due: Outgoing | Reply): due is Outgoing {
  return "event" in due;
}
