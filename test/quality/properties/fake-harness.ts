import { simulatedClock } from "socket-rotor/testing";
import { Application } from "./application.js";
import { CookieAccount } from "./cookie-account.js";
import { CookieOracle } from "./cookie-oracle.js";
import { CookieServer } from "./cookie-server.js";
import type { FakeServer } from "./fake-server.js";
import type { Oracle } from "./oracle.js";
import type { Setting, Step } from "./schedule.js";
import { Sessions } from "./sessions.js";
import { TokenAccount } from "./token-account.js";
import { TokenOracle } from "./token-oracle.js";
import { TokenServer } from "./token-server.js";

/** Longer than any delay and time limit of the connection's. */
const AGES = 120_000;

/** So many turns of the promises that everything which can happen without the passing of time has happened. */
const LONG = 30;

/** The default of `readTimeout`. */
const READ_TIMEOUT = 5_000;

const url = "https://api.example.com";

/** A connection between fakes that lives through a schedule; whatever it does is judged from the server's log. */
export class FakeHarness {
  readonly #setting: Setting;
  readonly #oracle: Oracle;
  readonly #clock = simulatedClock();
  readonly #server: FakeServer;
  readonly #application: Application;
  /** Ends what is not the connection's. */
  readonly #close: () => void;

  constructor(setting: Setting) {
    this.#setting = setting;
    const clock = this.#clock;
    if (setting.credential === "cookie") {
      const oracle = new CookieOracle();
      const sessions = new Sessions();
      const server = new CookieServer(oracle, sessions, clock, setting.reconnectionAttempts);
      const account = new CookieAccount(oracle, sessions);
      this.#application = new Application(setting, oracle, account, { url, io: server.adapter, clock });
      account.storage.onLogin = () => server.awaitSession();
      this.#close = () => account.close();
      this.#oracle = oracle;
      this.#server = server;
    } else {
      const oracle = new TokenOracle(setting.storage === "async", setting.credential === "opaque");
      const server = new TokenServer(setting, oracle);
      const account = new TokenAccount(setting, oracle, clock, READ_TIMEOUT);
      this.#application = new Application(setting, oracle, account, { url, io: server.adapter, clock });
      this.#close = () => {};
      this.#oracle = oracle;
      this.#server = server;
    }
    this.#server.connection = this.#application.connection;
  }

  get #connection(): Application["connection"] {
    return this.#application.connection;
  }

  /** Lives through the steps, then sees that everything comes to a good end. */
  async live(steps: readonly Step[]): Promise<void> {
    try {
      for (const step of steps) {
        // Promises have their turns before any timer.
        if (step.do === "time passes") await this.#pass(LONG);
        this.#happen(step);
        await this.#pass(step.turns);
        this.#check();
        // Nobody is signed in, and those who sent something have had the time to hear of it.
        if (step.turns === LONG && this.#isSignedOut) {
          await this.#pass(LONG);
          if (this.#isSignedOut) this.#oracle.answered();
        }
      }
      if (!this.#setting.isCutShort) await this.#recover();
      await this.#end();
    } finally {
      this.#close();
    }
  }

  /** Nobody is signed in, or about to be. */
  get #isSignedOut(): boolean {
    return this.#connection.status === "loggedOut" && !this.#oracle.isSigningIn;
  }

  #happen(step: Step): void {
    if (this.#application.act(step)) return;
    if (step.do === "time passes") this.#clock.advance(step.milliseconds);
    else this.#server.act(step);
  }

  async #pass(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) {
      await Promise.resolve();
      this.#oracle.turn();
    }
  }

  #check(): void {
    this.#server.look();
    if (this.#oracle.broken) throw this.#oracle.broken;
    const { status, detail } = this.#connection.getSnapshot();
    const { open } = this.#server;
    const mayHaveTwo = detail === "overlapping" || detail === "draining";
    const limits = { idle: 2, connecting: 1, connected: 1, rotating: mayHaveTwo ? 2 : 1, loggedOut: 0 };
    this.#oracle.require(open <= limits[status], "G1", () => `${open} links are open in ${status}.${detail}`);
  }

  /** Everything works again: with a credential, it connects by itself. */
  async #recover(): Promise<void> {
    this.#application.account.mend();
    this.#server.mend();
    await this.#pass(LONG);
    await this.#age();
    const { status, detail } = this.#connection.getSnapshot();
    if (status === "idle") this.#connection.connect();
    await this.#pass(LONG);
    await this.#age();
    if (this.#server.needsSignIn(this.#connection)) this.#application.signIn();
    await this.#pass(LONG);
    await this.#age();
    const now = this.#connection.getSnapshot();
    this.#oracle.require(
      now.status === "connected",
      "G8",
      () => `with a credential and a server it is ${now.status}.${now.detail}, from ${status}.${detail}`,
    );
    this.#server.requireCurrent();
    this.#application.act({ do: "emitWithAck" });
    this.#server.send();
    await this.#pass(LONG);
    this.#check();
    this.#oracle.answered();
    this.#oracle.require(
      this.#connection.socket.listeners("news").length === 1,
      "G6",
      () => "a listener was lost or doubled",
    );
  }

  async #age(): Promise<void> {
    for (let passed = 0; passed < AGES && this.#clock.timers > 0; ) {
      const next = Math.min(this.#clock.untilNext, AGES - passed);
      this.#clock.advance(next);
      passed += next;
      await this.#pass(LONG);
      this.#check();
    }
  }

  async #end(): Promise<void> {
    const isWorking = this.#connection.status === "connected";
    if (isWorking) this.#application.act({ do: "emitWithAck" });
    this.#connection.dispose();
    await this.#pass(LONG);
    this.#check();
    this.#oracle.answered();
    const left = {
      timers: this.#clock.timers,
      links: this.#server.open,
      listeners: this.#application.listeners,
    };
    for (const [what, number] of Object.entries(left)) {
      this.#oracle.require(number === 0, "G9", () => `${number} ${what} are left`);
    }
  }
}
