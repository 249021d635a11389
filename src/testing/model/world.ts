import { type Actor, createActor, type InspectionEvent, type SnapshotFrom } from "xstate";
import { type ConnectionContext, connectionMachine } from "../../../machines/index.js";
import type { EnvironmentSignal } from "../../environment/environment.js";
import { implementations } from "../../implementations.js";
import type { ConnectionOptions } from "../../options.js";
import type { RotorSocket } from "../../socket/rotor-socket.js";
import { readToken } from "../../storage/identity.js";
import { expect } from "../contract.js";
import { hang } from "../fake-behaviours.js";
import { type FakeIo, fakeIo } from "../fake-io.js";
import type { FakeLink } from "../fake-link.js";
import { type SimulatedClock, simulatedClock } from "../simulated-clock.js";
import type { StorageHarness } from "../storage-contract.js";
import { createGate, type Gate } from "./gate.js";
import { type ConnectionMachine, type Edge, keyOf, type Meaning, type ModelEvent } from "./graph.js";
import { Ledger, type User } from "./ledger.js";
import type { ModelParts } from "./parts.js";
import type { Setup } from "./setups.js";

/** How long a link must stay up; the cookie of a changed session has as long, and no walk waits for it. */
const STABLE_AFTER = 3_000_000;

const WORDS = { changed: "session_changed", required: "session_required", ended: "session_ended" } as const;

/** What is replayed: the statechart with its parts, started. */
interface Subject {
  actor: Actor<ConnectionMachine>;
  socket: RotorSocket;
  login(token?: string): Promise<void>;
  logout(): Promise<void>;
}

/** The real connection between fakes, made to live through the events of the model. */
export class World {
  /** The transitions taken, as state, event and position. */
  readonly taken = new Set<string>();
  readonly #io: FakeIo = fakeIo(hang());
  readonly #clock: SimulatedClock = simulatedClock();
  readonly #ledger = new Ledger(this.#io);
  readonly #setup: Setup;
  readonly #parts: ModelParts;
  readonly #storage: StorageHarness;
  readonly #gate: Gate;
  readonly #subject: Subject;
  #environment: ((signal: EnvironmentSignal) => void) | undefined;
  /** Calls of `refresh` that have not been answered. */
  #calls: (() => void)[] = [];
  #token: string | null = null;
  #user: User | null = null;
  /** The one whose messages wait for the server to name the user. */
  #held: User | null = null;
  /** Only the server knows that there may be another user: the application goes on as the held one. */
  #isUnaware = false;
  #tokens = 0;
  /** The link on which something is left to be answered. */
  #anchored = 0;
  #users = 0;
  #lastEvent = "";

  constructor(setup: Setup, parts: ModelParts, storage: StorageHarness) {
    this.#setup = setup;
    this.#parts = parts;
    this.#storage = storage;
    this.#gate = createGate(storage);
    this.#io.isHandshakeHeld = setup.rotation === "overlap";
    this.#io.behaveOnReauthentication(hang());
    this.#io.unanswered.add("anchor");
    this.#subject = this.#start();
  }

  #start(): Subject {
    const made = implementations(this.#options());
    const actor = createActor(this.#parts.extend(connectionMachine.provide(made)), {
      clock: made.clock,
      inspect: (event) => this.#watch(event),
    }).start();
    return {
      actor,
      socket: made.socket,
      login: (token) => made.login(token),
      logout: () => made.logout(),
    };
  }

  #options(): Omit<ConnectionOptions, "autoConnect" | "inspect"> {
    const { hasRefresh, reconnectionAttempts, rotation, isOpaque, isCookie } = this.#setup;
    const forever = Number.POSITIVE_INFINITY;
    return {
      url: "https://api.example.com",
      storage: isCookie ? { ...this.#gate.adapter, credential: "cookie" } : this.#gate.adapter,
      io: this.#parts.io(this.#io),
      clock: this.#clock,
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
          new Promise<never>((_, reject) => {
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
    };
  }

  #watch(event: InspectionEvent): void {
    if (event.type === "@xstate.event" && event.event.type === "read") this.#gate.expectRead();
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
  }

  get #snapshot(): SnapshotFrom<ConnectionMachine> {
    return this.#subject.actor.getSnapshot();
  }

  /** Whether no link that is finishing has anything to be answered. */
  get hasNothingDue(): boolean {
    return !this.#snapshot.matches({ rotating: "draining" });
  }

  get key(): string {
    return keyOf(this.#snapshot);
  }

  /** Brings an event about, from outside, and waits until everything has followed from it. */
  async live({ event, meaning }: Edge): Promise<void> {
    this.#io.isBarrierHeld = event.type !== "disconnect";
    await this.#bring(event, meaning);
    await this.#settled();
    // A call for an earlier token of the same user comes to its end first, and only then is this one's made.
    while (event.type === "token.refreshFailed" && this.#calls.length > 0) {
      this.#failCalls();
      await this.#settled();
    }
    if (this.#snapshot.matches("loggedOut")) {
      // The application has heard that nobody is signed in, and nothing waits for a name.
      this.#held = null;
      this.#isUnaware = false;
    }
    this.#send();
    await this.#settled();
    this.#check();
  }

  async #settled(): Promise<void> {
    await this.#gate.idle();
    await this.#parts.settled();
  }

  async #bring(event: ModelEvent, { isOtherUser, isHeldUser, role }: Meaning): Promise<unknown> {
    const link = this.#link(role);
    const { retryAfter, session } = { retryAfter: undefined, session: undefined, ...event };
    const word = session && WORDS[session];
    switch (event.type) {
      case "token.maybeChanged":
        return this.#gate.signal();
      case "token.changed": {
        if (event.isRenewal) {
          // The storage holds what it held.
          if (this.#snapshot.context.isNamed && isOtherUser) {
            this.#changeUser();
            this.#isUnaware = true;
          }
          return this.#answer();
        }
        this.#isUnaware = false;
        if (isOtherUser || this.#users === 0) this.#changeUser();
        this.#tokens += 1;
        this.#token = tokenOf(this.#user?.subject, this.#tokens);
        this.#own();
        if (this.#isUnread) return this.#answer(this.#token);
        return this.#setup.isCookie ? this.#subject.login() : this.#subject.login(this.#token);
      }
      case "token.unchanged":
        return this.#answer();
      case "token.removed":
        this.#token = null;
        this.#isUnaware = false;
        if (this.#isUnread) return this.#answer(null);
        return this.#subject.logout();
      case "token.unreadable":
        if (!this.#gate.isAsked) this.#gate.signal();
        return this.#gate.fail();
      case "token.refreshFailed":
        return this.#failCalls();
      case "network.online":
      case "network.offline":
      case "page.resumed":
        return this.#environment?.(event.type);
      case "connect":
      case "disconnect":
      case "refresh":
      case "session.overdue":
        return this.#subject.actor.send(event);
      case "io.presented":
        return link?.present();
      case "io.connected":
        return link?.accept(null);
      case "io.ready": {
        if (isHeldUser && this.#user && this.#held) this.#user.name = this.#held.name;
        else if (isOtherUser) this.#changeUser();
        this.#held = null;
        this.#isUnaware = false;
        if (this.#user) this.#ledger.name(link?.number ?? 0, this.#user);
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
      case "io.settled":
        link?.settle();
        if (!this.hasNothingDue) link?.acknowledge();
        return undefined;
      default:
        return this.#wait(event.type);
    }
  }

  #link(role: Meaning["role"]): FakeLink | undefined {
    if (role === undefined) return undefined;
    const number = this.#context[role];
    return this.#io.links.find((link) => link.number === number);
  }

  #own(): void {
    if (this.#user) this.#ledger.own(this.#token, this.#user);
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

  /** Lets the storage answer, with another token if one is given. */
  async #answer(token?: string | null): Promise<void> {
    if (!this.#gate.isAsked) this.#gate.signal();
    const stored = token === undefined ? undefined : this.#storage.set(token);
    if (stored) await stored;
    this.#gate.answer();
  }

  get #context(): ConnectionContext {
    return this.#snapshot.context;
  }

  get #isUnread(): boolean {
    return this.#context.isUnread;
  }

  /** Lets time pass until a delay has ended; one that has ended before is not waited for. */
  #wait(delay: string): void {
    const { _scheduledEvents: due } = this.#subject.actor.system.getSnapshot();
    if (!Object.values(due).some(({ event }) => event.type === delay)) return;
    this.#lastEvent = "";
    while (this.#lastEvent !== delay && this.#clock.timers > 0) this.#clock.advance(this.#clock.untilNext);
  }

  #send(): void {
    this.#anchor();
    this.#ledger.send(this.#isUnaware ? this.#held : this.#user, (number) =>
      this.#subject.socket.emitWithAck("message", number),
    );
  }

  /** Leaves something to be answered on each link, so that it has something to drain. */
  #anchor(): void {
    if (this.#setup.rotation !== "overlap" || this.#anchored === this.#context.link) return;
    if (!this.#snapshot.matches("connected") && !this.#snapshot.matches("rotating")) return;
    if (this.#context.link === 0) return;
    this.#anchored = this.#context.link;
    this.#subject.socket.emitWithAck("anchor").catch(() => {});
  }

  #check(): void {
    const now = this.#snapshot;
    const isSignedOut = now.matches("loggedOut");
    const isOut = isSignedOut || now.matches("idle");
    const mayOverlap = now.matches({ rotating: "overlapping" }) || now.matches({ rotating: "draining" });
    const limit = isOut ? 0 : mayOverlap ? 2 : 1;
    const { length } = this.#io.links;
    expect(length <= limit, `${length} links are open where ${limit} may be (G1).`);
    this.#ledger.balance({
      auth: this.#setup.isCookie ? {} : { token: this.#token },
      isTokenCertain: !this.#gate.isAsked,
      isSignedOut,
      users: [this.#user, this.#held],
      isOpen: now.matches("connected") && !this.#gate.isAsked && !now.context.isWaking,
    });
  }

  /** Ends it, and checks that nothing is left. */
  async end(): Promise<void> {
    this.#subject.actor.stop();
    await this.#settled();
    const left = [
      this.#io.links.length > 0 && "links",
      this.#clock.timers > 0 && "timers",
      this.#gate.isWatched && "the subscription to the storage",
      this.#environment !== undefined && "the subscription to the environment",
    ].filter((each) => each !== false);
    expect(left.length === 0, `The actor was stopped, and this is left: ${left.join(", ")} (G9).`);
    this.#ledger.close();
  }
}

/** A token that lives longer than any walk, by its own word; nobody verifies it. */
function tokenOf(subject: string | undefined, number: number): string {
  const encode = (value: object): string =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const claims = { sub: subject, jti: number, iat: 0, exp: 8_640_000 };
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}.${btoa("signature")}`;
}
