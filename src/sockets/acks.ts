import { type PendingAck, sendError } from "./pending-ack.js";

/** The acknowledgements of one namespace that are due: of the current link, and of the one before, which is finishing. */
export class Acks {
  private current = new Set<PendingAck>();
  private old = new Set<PendingAck>();
  private readonly onFinished: () => void;

  /** @param onFinished - Called when nothing is due on the link before any more. */
  constructor(onFinished: () => void) {
    this.onFinished = onFinished;
  }

  /** Whether nothing is due on the link before. */
  get isFinished(): boolean {
    return this.old.size === 0;
  }

  /** A message was written, and its acknowledgement is awaited. */
  add(ack: PendingAck): void {
    this.current.add(ack);
  }

  /** It is not awaited any more, as it came in or has timed out; answers whether it was. */
  delete(ack: PendingAck): boolean {
    if (this.current.delete(ack)) return true;
    if (!this.old.delete(ack)) return false;
    if (this.isFinished) this.onFinished();
    return true;
  }

  /** Another link carries the messages from now on; what is due on the last one may still come in. */
  changeLink(): void {
    for (const ack of this.current) this.old.add(ack);
    this.current = new Set();
  }

  /** Both links are gone. */
  closeLink(): void {
    const due = this.current;
    this.current = new Set();
    giveUp(due);
    this.closeOldLink();
  }

  /** The link before is gone. */
  closeOldLink(): void {
    if (this.isFinished) return;
    const due = this.old;
    this.old = new Set();
    giveUp(due);
    this.onFinished();
  }
}

function giveUp(due: Set<PendingAck>): void {
  for (const ack of due) {
    if (ack.takesErrors) ack.settle(sendError("ERR_LINK_CLOSED"), []);
    else ack.cancel?.();
  }
}
