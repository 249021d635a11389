import { type Connection, createConnection, type StorageAdapter } from "socket-rotor";
import { type FakeIo, fakeIo, hang, type SimulatedClock, simulatedClock } from "socket-rotor/testing";
import { expect } from "vitest";
import type { EnvironmentSignal } from "../../src/environment/environment.js";
import { type Edge, keyOf, type ModelEvent, type Setup } from "./graph.js";

/** A message that the application emitted, and what became of it. */
interface Sent {
  number: number;
  /** Who was signed in, as far as the application knew; `null` before the first answer of the storage. */
  user: string | null;
  outcome: "pending" | "answered" | "refused";
}

/** A storage that signals, and answers when it is told to. */
function scriptedStorage() {
  let listener: (() => void) | undefined;
  let pending: Array<{ resolve: (token: string | null) => void; reject: (error: Error) => void }> = [];
  let isRemoved = false;
  const adapter: StorageAdapter = {
    read: () => (isRemoved ? null : new Promise((resolve, reject) => pending.push({ resolve, reject }))),
    write: () => {},
    subscribe(onMaybeChanged) {
      listener = onMaybeChanged;
      return () => {
        listener = undefined;
      };
    },
  };
  const settle = (act: (read: (typeof pending)[number]) => void): void => {
    const due = pending;
    pending = [];
    due.forEach(act);
  };
  return {
    adapter,
    signal: () => listener?.(),
    answer: (token: string | null) => settle((read) => read.resolve(token)),
    /** While it lasts, everything is answered with `null` at once. */
    setRemoved: (now: boolean) => {
      isRemoved = now;
    },
    fail: () => settle((read) => read.reject(new Error("the storage is down"))),
    get isWatched() {
      return listener !== undefined;
    },
    get isAsked() {
      return pending.length > 0;
    },
  };
}

/** The real connection between fakes, made to live through the events of the model. */
export class World {
  readonly connection: Connection;
  readonly io: FakeIo = fakeIo(hang());
  readonly clock: SimulatedClock = simulatedClock();
  /** The transitions taken, as state id, event and position. */
  readonly taken = new Set<string>();
  readonly #storage = scriptedStorage();
  readonly #sent: Sent[] = [];
  #environment: ((signal: EnvironmentSignal) => void) | undefined;
  #failRefresh: (() => void) | undefined;
  #token: string | null = null;
  #user: string | null = null;
  #tokens = 0;
  #users = 0;
  #seen = 0;
  #written = -1;
  #lastEvent = "";

  constructor({ hasRefresh, reconnectionAttempts }: Setup) {
    const forever = Number.POSITIVE_INFINITY;
    this.connection = createConnection({
      url: "https://api.example.com",
      storage: this.#storage.adapter,
      io: this.io,
      clock: this.clock,
      autoConnect: false,
      logger: {},
      reconnectionAttempts,
      identify: (token) => token.split(":")[0],
      ...(hasRefresh && {
        refresh: () =>
          new Promise((_, reject) => {
            this.#failRefresh = () => reject(new Error("down"));
          }),
      }),
      readTimeout: forever,
      refreshTimeout: forever,
      ackTimeout: forever,
      environment: {
        subscribe: (onSignal) => {
          this.#environment = onSignal;
          return () => {
            this.#environment = undefined;
          };
        },
      },
      inspect: (event) => {
        if (event.type !== "@xstate.microstep" || event.actorRef.sessionId !== event.rootId) return;
        this.#lastEvent = event.event.type;
        for (const { source, eventType } of event._transitions) {
          for (const [index, each] of (source.transitions.get(eventType) ?? []).entries()) {
            if (event._transitions.includes(each)) this.taken.add(`${source.id} ${eventType} ${index}`);
          }
        }
      },
    });
  }

  get key(): string {
    return keyOf(this.connection.actor.getSnapshot());
  }

  /** Brings an event about, from outside, and waits until everything has followed from it. */
  async live({ event, isOtherUser }: Edge): Promise<void> {
    this.io.isBarrierHeld = event.type !== "disconnect";
    this.#bring(event, isOtherUser);
    await settled();
    this.#send();
    await settled();
    this.#check();
  }

  #bring(event: ModelEvent, isOtherUser: boolean): unknown {
    const link = this.io.last;
    const { retryAfter } = { retryAfter: undefined, ...event };
    switch (event.type) {
      case "token.maybeChanged":
        return this.#storage.signal();
      case "token.changed": {
        if (isOtherUser || this.#users === 0) this.#users += 1;
        this.#user = `user${this.#users}`;
        this.#tokens += 1;
        this.#token = `${this.#user}:${this.#tokens}`;
        if (this.#isUnread) return this.#answer(this.#token);
        return this.connection.login(this.#token);
      }
      case "token.unchanged":
        return this.#answer(this.#token);
      case "token.removed":
        this.#token = null;
        if (this.#isUnread) return this.#answer(null);
        this.#storage.setRemoved(true);
        return this.connection.logout().then(() => this.#storage.setRemoved(false));
      case "token.unreadable":
        if (!this.#storage.isAsked) this.#storage.signal();
        return this.#storage.fail();
      case "token.refreshFailed":
        return this.#failRefresh?.();
      case "network.online":
      case "network.offline":
      case "page.resumed":
        return this.#environment?.(event.type);
      case "connect":
        return this.connection.connect();
      case "disconnect":
        return this.connection.disconnect();
      case "refresh":
        return this.connection.actor.send(event);
      case "io.connected":
        return link?.accept();
      case "io.refused":
        return link?.refuse(event.verdict, retryAfter);
      case "io.failed":
        return link?.fail();
      case "io.disconnected":
        return link?.drop(event.reason, event.verdict, retryAfter);
      case "io.settled":
        return link?.settle();
      default:
        return this.#wait(event.type);
    }
  }

  #answer(token: string | null): void {
    if (!this.#storage.isAsked) this.#storage.signal();
    this.#storage.answer(token);
  }

  get #isUnread(): boolean {
    return this.connection.actor.getSnapshot().context.isUnread;
  }

  /** Lets time pass until a delay has ended; one that has ended before can only be one that changes nothing. */
  #wait(delay: string): void {
    this.#lastEvent = "";
    while (this.#lastEvent !== delay && this.clock.timers > 0) this.clock.advance(this.clock.untilNext);
  }

  #send(): void {
    const sent: Sent = { number: this.#sent.length, user: this.#user, outcome: "pending" };
    this.#sent.push(sent);
    this.connection.socket.emitWithAck("message", sent.number).then(
      () => {
        sent.outcome = "answered";
      },
      () => {
        sent.outcome = "refused";
      },
    );
  }

  /** What must hold whatever the machine thinks, judged from the server's side. */
  #check(): void {
    const { status } = this.connection;
    const isOut = status === "idle" || status === "loggedOut";
    expect(this.io.links.length, "G1: links").toBeLessThanOrEqual(isOut ? 0 : 1);
    for (const entry of this.io.log.slice(this.#seen)) {
      if (entry.type === "handshake")
        expect(entry.auth, "G2: the newest token").toEqual({ token: this.#token });
      if (entry.type !== "message") continue;
      expect(this.#storage.isAsked, "nothing is written while the token is uncertain").toBe(false);
      this.#checkMessage(entry.link, Number(entry.args[0]));
    }
    this.#seen = this.io.log.length;
    const waiting = this.#sent.filter(({ outcome }) => outcome === "pending");
    if (status === "loggedOut") expect(waiting, "G5: every answer is in once signed out").toEqual([]);
    for (const { user } of waiting)
      expect([null, this.#user], "G3: nothing waits under another user").toContain(user);
    if (status === "connected" && !this.#storage.isAsked)
      expect(waiting, "G4: everything was sent").toEqual([]);
  }

  #checkMessage(link: number, number: number): void {
    expect(number, "G4: in order, and once").toBeGreaterThan(this.#written);
    this.#written = number;
    const handshake = this.io.log.find((entry) => entry.type === "handshake" && entry.link === link);
    const sender = this.#sent[number]?.user ?? "user1";
    expect(JSON.stringify(handshake), "G3: sent as the user who emitted it").toContain(`"${sender}:`);
  }

  /** Ends it, and checks that nothing is left. */
  async end(): Promise<void> {
    this.connection.dispose();
    await settled();
    expect(this.io.links, "G9: links").toEqual([]);
    expect(this.clock.timers, "G9: timers").toBe(0);
    expect(this.#storage.isWatched, "G9: the storage").toBe(false);
    expect(this.#environment, "G9: the environment").toBeUndefined();
    expect(
      this.#sent.filter(({ outcome }) => outcome === "pending"),
      "G5: every answer is in",
    ).toEqual([]);
  }
}

/** Lets every promise that is due settle. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}
