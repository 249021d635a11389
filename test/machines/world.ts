import { type Connection, createConnection, type StorageAdapter } from "socket-rotor";
import type { ConnectionContext } from "socket-rotor/machines";
import {
  type FakeIo,
  type FakeLink,
  fakeIo,
  hang,
  type SimulatedClock,
  simulatedClock,
} from "socket-rotor/testing";
import { expect } from "vitest";
import type { EnvironmentSignal } from "../../src/environment/environment.js";
import { readToken } from "../../src/storage/identity.js";
import { jwt } from "../tokens.js";
import { type Edge, keyOf, type Meaning, type ModelEvent, type Setup } from "./graph.js";

/** Somebody; one whom only the server can name may turn out to be somebody who was there before. */
interface User {
  name: string;
  /** What the tokens call the user; the server may see two people behind it. */
  subject: string;
}

/** A message that the application emitted, and what became of it. */
interface Sent {
  number: number;
  /** Who was signed in, as far as the application knew; `null` before the first answer of the storage. */
  user: User | null;
  outcome: "pending" | "answered" | "refused";
}

/**
 * A storage that signals, and answers the statechart's own reads when it is told to. A refresh, which looks at the
 * storage as well, is answered at once.
 */
function scriptedStorage(current: () => string | null, write: (token: string | null) => void) {
  let isReadDue = false;
  let listener: (() => void) | undefined;
  let pending: Array<{ resolve: (token: string | null) => void; reject: (error: Error) => void }> = [];
  let isRemoved = false;
  const adapter: StorageAdapter = {
    read() {
      const isOwn = isReadDue;
      isReadDue = false;
      if (isRemoved) return null;
      if (!isOwn) return Promise.resolve(current());
      return new Promise((resolve, reject) => pending.push({ resolve, reject }));
    },
    write,
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
    /** The statechart asks for the token. */
    onAsked: () => {
      isReadDue = true;
    },
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

/** How long a link must stay up; the cookie of a changed session has as long, and no walk waits for it. */
const STABLE_AFTER = 3_000_000;

/** A token that lives for so many seconds, by its own word: longer than any walk. */
function tokenOf(user: string | undefined, number: number): string {
  return jwt({ sub: user, jti: number, iat: 0, exp: 8_640_000 });
}

const WORDS = { changed: "session_changed", required: "session_required", ended: "session_ended" } as const;

/** The real connection between fakes, made to live through the events of the model. */
export class World {
  readonly connection: Connection;
  readonly io: FakeIo = fakeIo(hang());
  readonly clock: SimulatedClock = simulatedClock();
  /** The transitions taken, as state id, event and position. */
  readonly taken = new Set<string>();
  readonly #storage = scriptedStorage(
    () => this.#token,
    (token) => {
      this.#token = token;
    },
  );
  readonly #sent: Sent[] = [];
  #environment: ((signal: EnvironmentSignal) => void) | undefined;
  /** Calls of `refresh` that have not been answered. */
  #calls: Array<() => void> = [];
  #token: string | null = null;
  #user: User | null = null;
  /** The one whose messages wait for the server to name the user. */
  #held: User | null = null;
  /** Only the server knows that there may be another user: the application goes on as the held one. */
  #isUnaware = false;
  /** Whose the session of a link is, by the server's word. */
  readonly #named = new Map<number, User>();
  #tokens = 0;
  /** Whose token it is that a link presents. */
  readonly #owners = new Map<string, User>();
  /** The link on which something is left to be answered. */
  #anchored = 0;
  #users = 0;
  #seen = 0;
  #written = -1;
  #lastEvent = "";
  readonly #setup: Setup;

  constructor(setup: Setup) {
    const { hasRefresh, reconnectionAttempts, rotation, isOpaque, isCookie } = setup;
    this.#setup = setup;
    this.io.isHandshakeHeld = rotation === "overlap";
    this.io.behaveOnReauthentication(hang());
    this.io.unanswered.add("anchor");
    const forever = Number.POSITIVE_INFINITY;
    this.connection = createConnection({
      url: "https://api.example.com",
      storage: isCookie ? { ...this.#storage.adapter, credential: "cookie" } : this.#storage.adapter,
      io: this.io,
      clock: this.clock,
      autoConnect: false,
      logger: {},
      reconnectionAttempts,
      stableAfter: STABLE_AFTER,
      ...(!isCookie && {
        rotation,
        identify: (token: string) => (isOpaque ? undefined : readToken(token).identity),
        refreshTimeout: forever,
      }),
      ...(hasRefresh && {
        refresh: () =>
          new Promise((_, reject) => {
            this.#calls.push(() => reject(new Error("down")));
          }),
      }),
      readTimeout: forever,
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
        if (event.type === "@xstate.event" && event.event.type === "read") this.#storage.onAsked();
        if (event.type !== "@xstate.microstep" || event.actorRef.sessionId !== event.rootId) return;
        this.#lastEvent = event.event.type;
        for (const { source, eventType } of event._transitions) {
          const isAlways = eventType === "";
          const own = (isAlways ? source.always : source.transitions.get(eventType)) ?? [];
          for (const [index, each] of own.entries()) {
            if (event._transitions.includes(each)) {
              this.taken.add(`${source.id} ${isAlways ? "always" : eventType} ${index}`);
            }
          }
        }
      },
    });
  }

  /** Whether no link that is finishing has anything to be answered. */
  get hasNothingDue(): boolean {
    return this.connection.getSnapshot().detail !== "draining";
  }

  get key(): string {
    return keyOf(this.connection.actor.getSnapshot());
  }

  /** Brings an event about, from outside, and waits until everything has followed from it. */
  async live({ event, meaning }: Edge): Promise<void> {
    this.io.isBarrierHeld = event.type !== "disconnect";
    this.#bring(event, meaning);
    await settled();
    // A call for an earlier token of the same user comes to its end first, and only then is this one's made.
    while (event.type === "token.refreshFailed" && this.#calls.length > 0) {
      this.#failCalls();
      await settled();
    }
    this.#send();
    await settled();
    this.#check();
  }

  #bring(event: ModelEvent, { isOtherUser, isHeldUser, role }: Meaning): unknown {
    const link = this.#link(role);
    const { retryAfter, session } = { retryAfter: undefined, session: undefined, ...event };
    const word = session && WORDS[session];
    switch (event.type) {
      case "token.maybeChanged":
        return this.#storage.signal();
      case "token.changed": {
        if (event.isRenewal) {
          // The storage holds what it held.
          if (this.#context.isNamed && isOtherUser) {
            this.#changeUser();
            this.#isUnaware = true;
          }
          return this.#answer(this.#token);
        }
        this.#isUnaware = false;
        if (isOtherUser || this.#users === 0) this.#changeUser();
        this.#tokens += 1;
        this.#token = tokenOf(this.#user?.subject, this.#tokens);
        this.#own();
        if (this.#isUnread) return this.#answer(this.#token);
        return this.#setup.isCookie ? this.connection.login() : this.connection.login(this.#token);
      }
      case "token.unchanged":
        return this.#answer(this.#token);
      case "token.removed":
        this.#token = null;
        this.#isUnaware = false;
        if (this.#isUnread) return this.#answer(null);
        this.#storage.setRemoved(true);
        return this.connection.logout().then(() => this.#storage.setRemoved(false));
      case "token.unreadable":
        if (!this.#storage.isAsked) this.#storage.signal();
        return this.#storage.fail();
      case "token.refreshFailed":
        return this.#failCalls();
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
      case "io.presented":
        return link?.present();
      case "io.connected":
        return link?.accept(null);
      case "io.ready": {
        if (isHeldUser && this.#user && this.#held) this.#user.name = this.#held.name;
        else if (isOtherUser) this.#changeUser();
        this.#held = null;
        this.#isUnaware = false;
        if (this.#user) this.#named.set(link?.number ?? 0, this.#user);
        const { reauthenticate } = event;
        // What a server says of itself comes after it has accepted the link.
        link?.accept(null);
        return link?.ready({
          reauthenticate,
          ...(this.#setup.isOpaque && this.#user && { identity: this.#user.name }),
        });
      }
      case "io.reauthenticated":
        return link?.answer({ ok: true });
      case "io.reauthenticationFailed":
        if (isOtherUser) {
          this.#changeUser(this.#user?.subject);
          this.#own();
        }
        return link?.answer({ ok: false, verdict: event.verdict, isOtherUser, ...(word && { word }) });
      case "io.refused":
        return link?.refuse(event.verdict, retryAfter, word);
      case "io.failed":
        return link?.fail();
      case "io.disconnected":
        return link?.drop(event.reason, event.verdict, retryAfter, word);
      case "session.overdue":
        return this.connection.actor.send(event);
      case "io.settled":
        link?.settle();
        if (this.connection.getSnapshot().detail === "draining") link?.acknowledge();
        return undefined;
      default:
        return this.#wait(event.type);
    }
  }

  #link(role: Meaning["role"]): FakeLink | undefined {
    if (role === undefined) return undefined;
    const number = this.#context[role];
    return this.io.links.find((link) => link.number === number);
  }

  #own(): void {
    if (this.#user) this.#owners.set(JSON.stringify({ token: this.#token }), this.#user);
  }

  #changeUser(subject?: string): void {
    if (this.#context.isNamed) this.#held = this.#user;
    this.#users += 1;
    const name = `user${this.#users}`;
    this.#user = { name, subject: subject ?? name };
  }

  #failCalls(): void {
    for (const fail of this.#calls.splice(0)) fail();
  }

  #answer(token: string | null): void {
    if (!this.#storage.isAsked) this.#storage.signal();
    this.#storage.answer(token);
  }

  get #context(): ConnectionContext {
    return this.connection.actor.getSnapshot().context;
  }

  get #isUnread(): boolean {
    return this.#context.isUnread;
  }

  /** Lets time pass until a delay has ended; one that has ended before can only be one that changes nothing. */
  #wait(delay: string): void {
    this.#lastEvent = "";
    while (this.#lastEvent !== delay && this.clock.timers > 0) this.clock.advance(this.clock.untilNext);
  }

  #send(): void {
    this.#anchor();
    const user = this.#isUnaware ? this.#held : this.#user;
    const sent: Sent = { number: this.#sent.length, user, outcome: "pending" };
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

  /** Leaves something to be answered on each link, so that it has something to drain. */
  #anchor(): void {
    if (this.#setup.rotation !== "overlap" || this.#anchored === this.#context.link) return;
    if (this.connection.status !== "connected" && this.connection.status !== "rotating") return;
    if (this.#context.link === 0) return;
    this.#anchored = this.#context.link;
    this.connection.socket.emitWithAck("anchor").catch(() => {});
  }

  /** What must hold whatever the machine thinks, judged from the server's side. */
  #check(): void {
    const { status } = this.connection;
    const isOut = status === "idle" || status === "loggedOut";
    const mayOverlap = ["overlapping", "draining"].includes(this.connection.getSnapshot().detail);
    expect(this.io.links.length, "G1: links").toBeLessThanOrEqual(isOut ? 0 : mayOverlap ? 2 : 1);
    for (const entry of this.io.log.slice(this.#seen)) {
      if (entry.type === "handshake" || entry.type === "reauthentication")
        expect(entry.auth, "G2: the newest token").toEqual(
          this.#setup.isCookie ? {} : { token: this.#token },
        );
      if (entry.type !== "message" || entry.event === "anchor") continue;
      expect(this.#storage.isAsked, "nothing is written while the token is uncertain").toBe(false);
      this.#checkMessage(entry.link, Number(entry.args[0]));
    }
    this.#seen = this.io.log.length;
    const waiting = this.#sent.filter(({ outcome }) => outcome === "pending");
    if (status === "loggedOut") expect(waiting, "G5: every answer is in once signed out").toEqual([]);
    for (const { user } of waiting) {
      const owners = [undefined, this.#user?.name, this.#held?.name];
      expect(owners, "G3: nothing waits under another user").toContain(user?.name);
    }
    if (status === "connected" && !this.#storage.isAsked && !this.#context.isWaking)
      expect(waiting, "G4: everything was sent").toEqual([]);
  }

  #checkMessage(link: number, number: number): void {
    expect(number, "G4: in order, and once").toBeGreaterThan(this.#written);
    this.#written = number;
    const handshake = this.io.log.find((entry) => entry.type === "handshake" && entry.link === link);
    if (handshake?.type !== "handshake") throw new Error("A message without a handshake.");
    const sender = this.#sent[number]?.user?.name ?? "user1";
    const user = this.#setup.isCookie ? this.#named.get(link)?.name : this.#userOf(handshake.auth);
    expect(user, "G3: sent as the user who emitted it").toBe(sender);
  }

  /** Who presented a token; a user may have got another name since. */
  #userOf(auth: object): string | undefined {
    return this.#owners.get(JSON.stringify(auth))?.name;
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
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
