import { type Connection, createConnection, type Rotation } from "socket-rotor";
import { explain } from "socket-rotor/inspect";
import type { MemoryStorage, SimulatedClock } from "socket-rotor/testing";
import type { InspectionEvent, StateValue } from "xstate";
import { eventName, type PlainEvent, plainEvent } from "../../playground/page/event-words.js";
import { RotationGaps } from "../../playground/page/rotation-gaps.js";
import { isWithin, pathOf } from "../../playground/page/state-path.js";
import { Messages } from "./messages.js";
import { ROUND_TRIP, SlowServer } from "./slow-server.js";

/** How a client changes to a newer token. */
export interface Way {
  name: string;
  /** In a few words. */
  words: string;
  rotation: Rotation;
  /** Whether its server has the server half. */
  takesTokens: boolean;
}

/** A step of the chart, and why it was taken. */
export interface Decision {
  number: number;
  from: string | undefined;
  to: string;
  event: PlainEvent;
  words: string;
}

export interface Events {
  tick(number: number): void;
}

export interface Requests {
  note(number: number, text: string, answer: (number: number) => void): void;
}

/** The decisions that are kept. */
const LIMIT = 30;

/** A connection of the library, with a server of its own in this page. */
export class Client {
  readonly way: Way;
  readonly server: SlowServer;
  readonly connection: Connection<Events, Requests>;
  readonly messages: Messages;
  readonly gaps = new RotationGaps();
  /** Newest first. */
  readonly decisions: Decision[] = [];
  /** When events of the server came, in milliseconds of the clock. */
  readonly ticks: number[] = [];
  /** When it was rotating. */
  readonly rotations: { from: number; to: number }[] = [];
  /** The state as a path, such as `connected.steady`. */
  path: string | undefined;
  readonly #clock: SimulatedClock;
  #lastTick: number | undefined;

  /** @param renew - answers with a newer token of the same user */
  constructor(way: Way, clock: SimulatedClock, storage: MemoryStorage, renew: () => string) {
    this.way = way;
    this.#clock = clock;
    this.server = new SlowServer(clock, way.takesTokens);
    this.connection = createConnection<Events, Requests>({
      url: "https://api.example.com",
      storage,
      // In a real page a JWT tells its user.
      identify: (token) => token.split(".")[0],
      refresh: async () => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, ROUND_TRIP));
        return renew();
      },
      rotation: way.rotation,
      // Somebody sits and watches.
      reconnectionDelay: 150,
      reconnectionDelayMax: 300,
      io: this.server.io,
      clock,
      logger: {},
      inspect: (event) => this.#onInspected(event),
    });
    this.messages = new Messages(this.connection, clock);
    this.server.onWritten = (number) => this.messages.onWritten(number);
    this.connection.socket.on("tick", (number) => this.#onTick(number));
  }

  #onTick(number: number): void {
    const now = this.#clock.now();
    this.ticks.push(now);
    this.gaps.onMessage(now, this.#lastTick === undefined ? 0 : number - this.#lastTick - 1);
    this.#lastTick = number;
  }

  #onInspected(inspected: InspectionEvent): void {
    if (inspected.type !== "@xstate.snapshot" || inspected.actorRef.sessionId !== inspected.rootId) return;
    if (!isMachineSnapshot(inspected.snapshot)) return;
    const to = pathOf(inspected.snapshot.value);
    const { path: from } = this;
    if (from === to) return;
    this.path = to;
    this.#onState(to);
    const event = plainEvent(inspected.event);
    const words = from === undefined ? "The connection begins here." : explain({ from, to, event });
    const number = (this.decisions[0]?.number ?? 0) + 1;
    this.decisions.unshift({ number, from, to, event, words: words ?? `${eventName(event)} led here.` });
    this.decisions.splice(LIMIT);
  }

  #onState(path: string): void {
    const now = this.#clock.now();
    this.gaps.onState(now, path);
    const open = this.rotations.find(({ to }) => to === Number.POSITIVE_INFINITY);
    if (isWithin(path, "rotating") && open === undefined)
      this.rotations.push({ from: now, to: Number.POSITIVE_INFINITY });
    else if (!isWithin(path, "rotating") && open !== undefined) open.to = now;
  }

  /** Forgets what came before a time. */
  forget(before: number): void {
    while ((this.ticks[0] ?? before) < before) this.ticks.shift();
    while ((this.rotations[0]?.to ?? before) < before) this.rotations.shift();
  }
}

const isMachineSnapshot = (snapshot: object): snapshot is { value: StateValue } => "value" in snapshot;
