import { memoryStorage, type SimulatedClock, simulatedClock } from "socket-rotor/testing";
import { Client, type Way } from "./client.js";

/** Three clients share a storage, as tabs do, and differ in how they change to a newer token. */
export const WAYS: readonly Way[] = [
  {
    name: "same link",
    words: "The server takes the new token on the open link.",
    rotation: "auto",
    takesTokens: true,
  },
  {
    name: "overlap",
    words: "A second link opens before the first closes.",
    rotation: "overlap",
    takesTokens: false,
  },
  { name: "replace", words: "The link closes, then another opens.", rotation: "replace", takesTokens: false },
];

export type User = "Ada" | "Grace";

/** So many times slower than the clock on the wall is the one in here. */
export const SLOWER = 10;
/** For how long the events of the server are kept. */
const MEMORY = 1_000;
/** A page that was away does not catch up. */
const LONGEST_FRAME = 100;

/** The playground without its looks: three connections, their servers, and a clock that runs slowly. */
export class Playground {
  readonly clock: SimulatedClock = simulatedClock();
  readonly storage = memoryStorage();
  readonly clients: readonly Client[];
  /** Who signed in last, and has not signed out. */
  user: User | undefined;
  #tokens = 0;
  #notes = 0;

  constructor() {
    this.clients = WAYS.map((way) => new Client(way, this.clock, this.storage, () => this.#newToken()));
  }

  get isCut(): boolean {
    return this.clients.some(({ server }) => server.isCut);
  }

  signIn(user: User): void {
    this.user = user;
    for (const { server } of this.clients) server.forgive();
    this.storage.write(this.#newToken());
  }

  signOut(): void {
    this.user = undefined;
    this.storage.write(null);
  }

  /** One of them asks for a newer token, and all of them find it in the storage. */
  refresh(): void {
    // Where it fails, the chart shows it.
    this.clients[0]?.connection.refresh().catch(() => {});
  }

  cut(): void {
    for (const { server } of this.clients) server.cut();
  }

  mend(): void {
    for (const { server } of this.clients) server.mend();
    // What a browser says when its network is back.
    dispatchEvent(new Event("online"));
  }

  kick(): void {
    for (const { server } of this.clients) server.kick();
  }

  refuse(): void {
    for (const { server } of this.clients) server.refuse();
  }

  send(): void {
    this.#notes += 1;
    for (const { messages } of this.clients) void messages.send(this.#notes, this.user);
  }

  /** Goes on, timer by timer, so that what follows from each is done before the next. */
  async advance(realMilliseconds: number): Promise<void> {
    let left = Math.min(realMilliseconds, LONGEST_FRAME) / SLOWER;
    while (left > 0) {
      const step = Math.min(left, this.clock.untilNext);
      this.clock.advance(step);
      left -= step;
      await settled();
    }
    for (const client of this.clients) client.forget(this.clock.now() - MEMORY);
  }

  dispose(): void {
    for (const { connection } of this.clients) connection.dispose();
  }

  #newToken(): string {
    this.#tokens += 1;
    return `${this.user ?? "nobody"}.${this.#tokens}`;
  }
}

/** Resolves when all that was asked for at once is done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
