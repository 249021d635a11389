import type { InspectionEvent, SnapshotFrom } from "xstate";
import type { ConnectionContext } from "../../../machines/index.js";
import { expect } from "../contract.js";
import type { FakeLink } from "../fake-link.js";
import type { StorageHarness } from "../storage-contract.js";
import { createFixture, type Fixture } from "./fixture.js";
import { type ConnectionMachine, type Edge, keyOf, type Meaning, type ModelEvent } from "./graph.js";
import { checkInvariants } from "./invariants.js";
import { MessageRecord, type User } from "./message-record.js";
import type { ModelParts } from "./parts.js";
import { recover } from "./recover.js";
import type { Setup } from "./setups.js";
import { Verdicts } from "./verdicts.js";

/** The same user signs in with another token. */
const SIGN_IN: Meaning = { isOtherUser: false, role: undefined };

const WORDS = { changed: "session_changed", required: "session_required", ended: "session_ended" } as const;

/** The real connection between fakes, made to live through the events of the model. */
export class World {
  /** The transitions taken, as state, event and position. */
  readonly taken = new Set<string>();
  readonly #setup: Setup;
  readonly #parts: ModelParts;
  readonly #storage: StorageHarness;
  readonly #fixture: Fixture;
  readonly #record: MessageRecord;
  readonly #verdicts: Verdicts;
  #token: string | null = null;
  #user: User | null = null;
  /** As whom the application speaks: where only the server knows that there may be another user, as the one before. */
  #speaker: User | null = null;
  /** Those whose messages may wait for the server to name the user. */
  #waiting: (User | null)[] = [];
  /** Whom the server has named last, since the last sign-out. */
  #named: User | null = null;
  /** The links whose user the server has named. */
  readonly #met = new Set<number>();
  /** A link whose user the server has named while the storage was read, which may hold another session by now. */
  #unread: FakeLink | undefined;
  /** The links that the server has accepted. */
  readonly #accepted = new Set<number>();
  #tokens = 0;
  /** The link on which something is left to be answered. */
  #anchored = 0;
  #users = 0;
  /** The events of the statechart since a delay is waited for. */
  readonly #heard = new Set<string>();
  /** Whether a link was lost before the server had named its user: who is named next may be somebody else. */
  #isInDoubt = false;
  /** Whether the storage was asked, and gave no answer. */
  #isUnanswered = false;
  /** The link that has to prove that it is alive, as the page or the network was away; 0 for none. */
  #doubted = 0;

  constructor(setup: Setup, parts: ModelParts, storage: StorageHarness) {
    this.#setup = setup;
    this.#parts = parts;
    this.#storage = storage;
    this.#fixture = createFixture(setup, parts, storage, (event) => this.#watch(event));
    this.#record = new MessageRecord(this.#fixture.io);
    this.#verdicts = new Verdicts(this.#fixture.io, setup.isCookie === true);
    this.#fixture.actor.subscribe((now) => {
      if (now.matches("loggedOut")) this.#record.signOut();
    });
  }

  #watch(event: InspectionEvent): void {
    if (event.type !== "@xstate.microstep") return;
    this.#heard.add(event.event.type);
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
    return this.#fixture.actor.getSnapshot();
  }

  /** Whether no link that is finishing has anything to be answered. */
  get hasNothingDue(): boolean {
    return !this.#snapshot.matches({ rotating: { finishing: "draining" } });
  }

  get key(): string {
    return keyOf(this.#fixture.charts);
  }

  /** Brings an event about, from outside, and waits until everything has followed from it. */
  async live({ event, meaning }: Edge): Promise<void> {
    this.#fixture.io.isBarrierHeld = event.type !== "disconnect";
    const { link } = this.#context;
    if (event.type === "environment.resumed") {
      if (this.#snapshot.matches("connected")) this.#doubted = link;
    } else if (event.type === "io.settled" && meaning.role === "link") this.#doubted = 0;
    this.#record.begin();
    const mayAskAgain = this.#context.attempt < this.#setup.reconnectionAttempts;
    this.#verdicts.hear(event, this.#link(meaning.role), this.#auth, mayAskAgain);
    const unnamed = this.#unnamed;
    await this.#bring(event, meaning);
    if (event.type === "token.unreadable") this.#isUnanswered = true;
    else if (event.type.startsWith("token.") && event.type !== "token.maybeChanged")
      this.#isUnanswered = false;
    await this.#settled();
    if (event.type === "token.changed" || event.type === "token.removed" || meaning.isOtherUser)
      this.#isInDoubt = false;
    else if (unnamed.some((each) => !this.#fixture.io.links.includes(each))) this.#isInDoubt = true;
    this.#verdicts.check(event, this.#snapshot);
    if (!this.#snapshot.matches("connected") || this.#context.link !== link) this.#doubted = 0;
    // A call for an earlier token of the same user comes to its end first, and only then is this one's made.
    while (event.type === "token.refreshFailed" && this.#fixture.calls > 0) {
      this.#fixture.failCalls();
      await this.#settled();
    }
    if (this.#snapshot.matches("loggedOut")) {
      // The application has heard that nobody is signed in, and nothing waits for a name.
      this.#waiting = [];
      this.#speaker = this.#user;
    }
    if (event.type === "token.removed") this.#record.checkSignOut();
    await this.#probe();
  }

  /** The application emits something, and what has become of everything so far is judged. */
  async #probe(): Promise<void> {
    this.#send();
    await this.#settled();
    checkInvariants(this.#fixture, this.#record, {
      auth: this.#auth,
      user: this.#user,
      welcome: [this.#user, this.#speaker, ...this.#waiting],
      doubted: this.#doubted,
      isCookie: this.#setup.isCookie === true,
    });
  }

  async #settled(): Promise<void> {
    await this.#fixture.gate.idle();
    await this.#parts.settled();
  }

  async #bring(event: ModelEvent, { isOtherUser, role }: Meaning): Promise<unknown> {
    const link = this.#link(role);
    const { retryAfter, session } = { retryAfter: undefined, session: undefined, ...event };
    const word = session && WORDS[session];
    switch (event.type) {
      case "token.maybeChanged":
        return this.#fixture.gate.signal();
      case "token.changed": {
        if (event.isRenewal) {
          // The storage holds what it held.
          if (isOtherUser) this.#changeUser();
          return this.#answer();
        }
        if (isOtherUser || this.#users === 0) this.#changeUser();
        this.#speaker = this.#user;
        this.#tokens += 1;
        this.#token = tokenOf(this.#user?.subject, this.#tokens);
        this.#own();
        // Where a change was signalled and never answered, a sign-in here would leave it in doubt who was there meanwhile.
        if (this.#isUnread || (this.#isUnanswered && !this.#setup.isCookie)) return this.#answer(this.#token);
        return this.#setup.isCookie ? this.#fixture.login() : this.#fixture.login(this.#token);
      }
      case "token.unchanged":
        return this.#answer().then(() => this.#takeUnread());
      case "token.removed":
        this.#record.signOut();
        this.#token = null;
        this.#named = null;
        this.#waiting = [];
        this.#speaker = this.#user;
        if (this.#isUnread) return this.#answer(null);
        return this.#fixture.logout();
      case "token.unreadable":
        if (!this.#fixture.gate.isAsked) this.#fixture.gate.signal();
        return this.#fixture.gate.fail();
      case "token.refreshFailed":
        return this.#fixture.failCalls();
      case "environment.resumed":
        return this.#fixture.signal(event);
      case "connect":
      case "disconnect":
      case "refresh":
        return this.#fixture.actor.send(event);
      case "io.connected":
        link?.accept(null);
        if (link) this.#accepted.add(link.number);
        // Only the server can say whose the link is, and it is connected once it has.
        if (link && this.#isNameDue) this.#meet(link);
        return undefined;
      case "io.ready":
        if (!this.#setup.isOpaque) return link?.ready({ reauthenticate: event.reauthenticate });
        if (link) this.#meet(link);
        return undefined;
      case "io.reauthenticated":
        return link?.answer({ ok: true });
      case "io.reauthenticationFailed":
        if (isOtherUser) {
          this.#changeUser(this.#user?.subject);
          this.#own();
          this.#speaker = this.#user;
        }
        return link?.answer({ ok: false, verdict: event.verdict, isOtherUser, ...(word && { word }) });
      case "io.ended":
        if (event.reason !== undefined) return link?.drop(event.reason, event.verdict, retryAfter, word);
        return event.code === "ERR_TRANSPORT" ? link?.fail() : link?.refuse(event.verdict, retryAfter, word);
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
    return this.#fixture.io.links.find((link) => link.number === number);
  }

  #own(): void {
    if (this.#user) this.#record.own(this.#token, this.#user);
  }

  #changeUser(subject?: string): void {
    this.#waiting = this.#setup.isOpaque ? [...this.#waiting, this.#user] : [];
    this.#record.changeUser();
    this.#users += 1;
    const name = `user${this.#users}`;
    this.#user = { name, subject: subject ?? name };
  }

  /** Whether nobody but the server can say whose the next link is. */
  get #isNameDue(): boolean {
    return (
      this.#setup.isCookie === true || (this.#setup.isOpaque && (this.#named !== null || this.#isInDoubt))
    );
  }

  /** The links that the server has accepted, and whose user it has not named. */
  get #unnamed(): FakeLink[] {
    if (!this.#setup.isOpaque) return [];
    return this.#fixture.io.links.filter(
      (link) => this.#accepted.has(link.number) && !this.#met.has(link.number),
    );
  }

  /** The server names the user of a link: in turn the one of before, and another one. */
  #meet(link: FakeLink): void {
    if (!this.#met.has(link.number) && this.#named && this.#user) {
      if (link.number % 2 === 0) {
        this.#user.name = this.#named.name;
      } else if (this.#user.name === this.#named.name) {
        this.#changeUser();
        this.#own();
      }
      this.#record.changeUser();
    }
    if (this.#setup.isCookie && this.#isUnread) this.#unread = link;
    else this.#takeName(link);
    if (this.#user) this.#record.name(link.number, this.#user);
    link.ready({ reauthenticate: false, ...(this.#user && { identity: this.#user.name }) });
  }

  /** From now on it is known whose a link is. */
  #takeName({ number }: FakeLink): void {
    if (this.#isInDoubt) this.#record.changeUser();
    this.#isInDoubt = false;
    this.#met.add(number);
    this.#waiting = [];
    this.#named = this.#user;
    this.#speaker = this.#user;
  }

  /** The storage holds what it held: it was this session whose user the server has named meanwhile. */
  #takeUnread(): void {
    const link = this.#unread;
    this.#unread = undefined;
    if (!link || !this.#fixture.io.links.includes(link)) return;
    this.#record.changeUser();
    this.#takeName(link);
  }

  /** Lets the storage answer, with another token if one is given. */
  async #answer(token?: string | null): Promise<void> {
    if (!this.#fixture.gate.isAsked) this.#fixture.gate.signal();
    const stored = token === undefined ? undefined : this.#storage.set(token);
    if (stored) await stored;
    this.#fixture.gate.answer();
  }

  /** What a handshake has to carry. */
  get #auth(): object {
    return this.#setup.isCookie ? {} : { token: this.#token };
  }

  get #context(): ConnectionContext {
    return this.#snapshot.context;
  }

  get #isUnread(): boolean {
    return this.#fixture.charts.credential.matches({ storage: "reading" });
  }

  /** Lets time pass until an event has come; a delay that has ended before is not waited for. */
  #wait(type: string): void {
    // It lasts longer than anything else, and no walk waits for it.
    if (type.includes(".credential.")) this.#snapshot.children.credential?.send({ type });
    const { _scheduledEvents: due } = this.#fixture.actor.system.getSnapshot();
    if (type !== "token.due" && !Object.values(due).some(({ event }) => event.type === type)) return;
    this.#heard.clear();
    while (!this.#heard.has(type) && this.#fixture.clock.timers > 0)
      this.#fixture.clock.advance(this.#fixture.clock.untilNext);
  }

  #send(): void {
    this.#anchor();
    this.#record.send(this.#speaker, (number) => this.#fixture.socket.emitWithAck("message", number));
  }

  /** Leaves something to be answered on each link, so that it has something to drain. */
  #anchor(): void {
    if (this.#setup.rotation !== "overlap" || this.#anchored === this.#context.link) return;
    if (!this.#snapshot.matches("connected") && !this.#snapshot.matches("rotating")) return;
    if (this.#context.link === 0) return;
    this.#anchored = this.#context.link;
    this.#fixture.socket.emitWithAck("anchor").catch(() => {});
  }

  /** A token and a server that takes it are enough, whatever has happened. */
  async recover(): Promise<void> {
    this.#doubted = 0;
    // The server names the user who is signed in by now.
    if (this.#setup.isOpaque) this.#record.changeUser();
    await recover(this.#fixture, {
      settled: () => this.#settled(),
      hasToken: () => this.#token !== null,
      signIn: async () => {
        await this.#bring({ type: "token.changed", version: 0, isOtherUser: false }, SIGN_IN);
      },
      ask: () => this.#answer(),
      accept: (link) => {
        link.accept(this.#setup.isOpaque ? null : {});
        if (this.#setup.isOpaque) this.#meet(link);
      },
    });
    await this.#probe();
  }

  /** Ends it, and checks that nothing is left. */
  async end(): Promise<void> {
    this.#fixture.actor.stop();
    await this.#settled();
    const left = [
      this.#fixture.io.links.length > 0 && "links",
      this.#fixture.clock.timers > 0 && "timers",
      this.#fixture.gate.isWatched && "the subscription to the storage",
      this.#fixture.isWatched && "the subscription to the environment",
    ].filter((each) => each !== false);
    expect(left.length === 0, `The actor was stopped, and this is left: ${left.join(", ")} (G9).`);
    this.#record.close();
  }
}

/** A token that lives longer than any walk, by its own word; nobody verifies it. */
function tokenOf(subject: string | undefined, number: number): string {
  const encode = (value: object): string =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const claims = { sub: subject, jti: number, iat: 0, exp: 4_320_000 };
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}.${btoa("signature")}`;
}
