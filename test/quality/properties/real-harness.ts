import type { Clock } from "socket-rotor";
import { Application } from "./application.js";
import { Broken } from "./oracle.js";
import type { Guest, RealServer } from "./real-server.js";
import type { Behaviour, Setting, Step } from "./schedule.js";
import { TokenAccount, tokenOf } from "./token-account.js";
import { TokenOracle } from "./token-oracle.js";

/** How long something that must happen may take, in milliseconds. */
const PATIENCE = 10_000;

let harnesses = 0;

/** The time of the machine, which tells what is still due. */
class CountingClock implements Clock {
  readonly #timers = new Set<NodeJS.Timeout>();
  get timers(): number {
    return this.#timers.size;
  }
  now(): number {
    return Date.now();
  }
  setTimeout(callback: () => void, delay: number): unknown {
    if (delay === Number.POSITIVE_INFINITY) return undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, delay);
    this.#timers.add(timer);
    return timer;
  }
  clearTimeout(timer: unknown): void {
    for (const each of this.#timers) {
      if (each !== timer) continue;
      clearTimeout(each);
      this.#timers.delete(each);
    }
  }
}

/** A connection to a real server that lives through a schedule, on the clock of the machine. */
export class RealHarness implements Guest {
  will: Behaviour = "accept";
  readonly #oracle: TokenOracle;
  readonly #server: RealServer;
  readonly #clock = new CountingClock();
  readonly #application: Application;
  readonly #isCutShort: boolean;
  #events = 0;

  constructor(setting: Setting, server: RealServer, url: string) {
    this.#isCutShort = setting.isCutShort;
    this.#server = server;
    this.#oracle = new TokenOracle(setting.storage === "async", setting.credential === "opaque");
    harnesses += 1;
    const options = {
      url,
      clock: this.#clock,
      socketOptions: { transports: ["websocket"] },
      auth: (token: string) => {
        this.#server.expect(token, this);
        this.#oracle.guard(() => this.#oracle.presented(token, [], 1));
        return { token };
      },
      timeout: 300,
      reconnectionDelay: 2,
      reconnectionDelayMax: 10,
      stableAfter: 50,
      drainTimeout: 200,
      reauthenticateTimeout: 200,
      readTimeout: 100,
      refreshTimeout: 200,
      ackTimeout: 500,
    };
    const account = new TokenAccount(
      setting,
      this.#oracle,
      this.#clock,
      options.readTimeout,
      `${harnesses}-`,
    );
    this.#application = new Application(setting, this.#oracle, account, options);
    for (const socket of this.#application.sockets)
      socket.onAnyOutgoing((_event, number) => this.#oracle.leaves(Number(number)));
  }

  passOf(token: string): string {
    const pass = this.#oracle.passOf(token);
    // From now on the client may hear of it.
    if (pass !== token) this.#oracle.names(pass);
    return pass;
  }

  userOf(pass: string): string | undefined {
    return this.#oracle.userOf(pass);
  }

  onMessage(number: number, pass: string, line: string): void {
    this.#oracle.guard(() => this.#oracle.read(number, pass, line));
  }

  onRecovered(earlier: string, token: string): void {
    const holds = earlier === token;
    this.#oracle.guard(() =>
      this.#oracle.require(holds, "G7", () => `the state of ${earlier} was restored for ${token}`),
    );
  }

  async live(steps: readonly Step[]): Promise<void> {
    try {
      for (const step of steps) {
        this.#happen(step);
        await this.#pass(step);
        this.#check();
      }
      if (!this.#isCutShort) await this.#recover();
    } finally {
      this.#application.connection.dispose();
    }
    await this.#end();
  }

  #happen(step: Step): void {
    if (this.#application.act(step)) return;
    if (step.do === "server") this.will = step.will;
    if (step.do === "token changes hands") this.#changeHands(`user${step.user}`);
    if (step.do === "server answers now") this.#server.release();
    if (step.do === "server sends") {
      this.#events += 1;
      for (const socket of this.#server.socketsOf(this))
        socket.emit("news", this.#events, this.#oracle.labelOf(socket.data.pass));
    }
    if (step.do === "server drops") {
      for (const socket of this.#server.socketsOf(this)) {
        if (step.verdict === "retry") socket.conn.close();
        else socket.disconnect(true);
      }
    }
  }

  /** Where the server half has named the user of an opaque token, and the client has heard of it. */
  #changeHands(user: string): void {
    const { connection } = this.#application;
    const { content } = this.#oracle;
    const hasHeard =
      connection.status === "connected" && connection.actor.getSnapshot().context.hasReauthentication;
    if (!hasHeard || !this.#oracle.isOpaque || content === null || this.#carried() !== content) return;
    this.#oracle.doubts();
    this.#oracle.names(this.#oracle.passOf(content));
    this.#oracle.changeHands(content, user);
  }

  async #pass(step: Step): Promise<void> {
    for (let turn = 0; turn < Math.min(step.turns, 3); turn += 1) {
      await Promise.resolve();
      this.#oracle.turn();
    }
    const milliseconds = step.do === "time passes" ? Math.min(20, step.milliseconds) : 2;
    if (step.turns > 3 || step.do === "time passes") await this.#wait(milliseconds);
  }

  async #wait(milliseconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    this.#oracle.turn(1_000);
  }

  #check(): void {
    if (this.#oracle.broken) throw this.#oracle.broken;
  }

  /** Waits until something holds that a guarantee promises. */
  async #until(guarantee: string, what: string, holds: () => boolean): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (!holds()) {
      this.#check();
      if (Date.now() > end) throw new Broken(`${guarantee}: ${what} did not come about`);
      await this.#wait(2);
    }
  }

  /** Everything works again: with a token, it connects by itself. */
  async #recover(): Promise<void> {
    const { connection } = this.#application;
    this.will = "accept";
    this.#server.release();
    this.#application.account.mend();
    await this.#wait(5);
    await this.#until("G8", "connected", () => {
      const { status, detail } = connection.getSnapshot();
      if (status === "idle") connection.connect();
      // A token that was refused is not sent again, and without one there is no link.
      if (detail === "rejected" || this.#oracle.content === null) this.#application.signIn();
      const carried = this.#carried() ?? "";
      return status === "connected" && this.#oracle.isAsGoodAs(carried, this.#oracle.content);
    });
    this.#application.act({ do: "emitWithAck" });
    await this.#until("G5", "every answer", () => this.#oracle.due.length === 0);
    this.#check();
  }

  /** The token of the one socket that the server has. */
  #carried(): string | undefined {
    const sockets = this.#server.socketsOf(this);
    return sockets.length === 1 ? tokenOf(sockets[0]?.data) : undefined;
  }

  async #end(): Promise<void> {
    // Handshakes that hang would come to nothing, and later than the end.
    this.will = "accept";
    this.#server.release();
    await this.#until("G9", "an end of every socket", () => this.#server.socketsOf(this).length === 0);
    this.#check();
    this.#oracle.answered();
    const { timers } = this.#clock;
    this.#oracle.require(timers === 0, "G9", () => `${timers} timers are left`);
    const { listeners } = this.#application;
    this.#oracle.require(listeners === 0, "G9", () => `${listeners} listeners are left`);
  }
}
