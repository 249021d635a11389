import type { LinkSocket } from "../links/io-adapter.js";

/** So many packets are known by their ids: more than two links of one user differ by while both are open. */
const MOST_KNOWN = 500;

/** The ids of the packets that came last, so that none counts twice where two links bring it, as with `overlap`. */
export class PacketIds {
  /** Each with the socket that brought it. */
  readonly #brought = new Map<unknown, LinkSocket>();

  /** Notes a packet. Answers whether the other of two links has brought it. */
  isRepeated(id: unknown, socket: LinkSocket): boolean {
    const brought = this.#brought;
    const before = brought.get(id) ?? socket;
    // A packet comes once on a link: what ends in the same text again is another one.
    brought.delete(id);
    brought.set(id, socket);
    if (brought.size > MOST_KNOWN) brought.delete(brought.keys().next().value);
    return before !== socket;
  }

  /** Forgets all: what was dropped counts when the next link brings it. */
  clear(): void {
    this.#brought.clear();
  }
}
