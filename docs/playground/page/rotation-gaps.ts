import { isWithin } from "./state-path.js";

const WAYS = {
  "rotating.reauthenticating": "same link",
  "rotating.overlapping": "overlap",
  "rotating.replacing": "replace",
} as const;

type Way = (typeof WAYS)[keyof typeof WAYS];

/** What a rotation cost. */
interface Gap {
  /** The longest time without a message, in milliseconds. */
  silence: number;
  /** How many messages did not arrive. */
  missed: number;
}

/** For how many milliseconds after a rotation a silence still counts as its. */
const AFTER = 250;

/** Measures what passes a client by while it changes to a newer token. Times are in milliseconds. */
export class RotationGaps {
  /** The last rotation. */
  last: (Gap & { way: Way }) | undefined;
  #way: Way | undefined;
  #gap: Gap = { silence: 0, missed: 0 };
  #lastMessage: number | undefined;
  #overAt: number | undefined;

  /** The way of the rotation that is going on. */
  get way(): Way | undefined {
    return this.#way;
  }

  /** @param missed - how many messages the server has sent since the last one that arrived */
  onMessage(time: number, missed: number): void {
    const { silence, missed: before } = this.#gap;
    const since = time - (this.#lastMessage ?? time);
    this.#gap = { silence: Math.max(silence, since), missed: before + missed };
    this.#lastMessage = time;
    if (this.#overAt === undefined || this.#way === undefined) return;
    this.last = { way: this.#way, ...this.#gap };
    if (time >= this.#overAt + AFTER) {
      this.#way = undefined;
      this.#overAt = undefined;
    }
  }

  onState(time: number, path: string): void {
    if (isWithin(path, "rotating")) {
      if (this.#way === undefined || this.#overAt !== undefined) this.#gap = { silence: 0, missed: 0 };
      this.#overAt = undefined;
      for (const [state, way] of Object.entries(WAYS)) if (isWithin(path, state)) this.#way = way;
    } else if (isWithin(path, "connected")) {
      if (this.#way !== undefined) this.#overAt ??= time;
    } else {
      // It did not come to an end: what follows is an outage.
      this.#way = undefined;
      this.#overAt = undefined;
    }
  }
}
