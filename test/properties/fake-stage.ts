import type { IoAdapter } from "socket-rotor";
import {
  accept,
  answer,
  type FakeBehaviour,
  type FakeLink,
  fakeIo,
  hang,
  refuse,
  simulatedClock,
  unreachable,
} from "socket-rotor/testing";
import { Application, tokenOf } from "./application.js";
import { Judge } from "./judge.js";
import type { Behaviour, Setting, Step } from "./schedule.js";

/** Longer than any delay and time limit of the connection's. */
const AGES = 120_000;

/** A connection between fakes that lives through a schedule; whatever it does is judged from the server's log. */
export class FakeStage {
  readonly #setting: Setting;
  readonly #judge: Judge;
  readonly #clock = simulatedClock();
  readonly #io = fakeIo();
  readonly #application: Application;
  #events = 0;
  #seen = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#judge = new Judge(setting.storage === "async");
    this.#io.behave(this.#behaviour("accept"));
    this.#io.behaveOnReauthentication((link) => this.#answer(link, "yes"));
    const url = "https://api.example.com";
    this.#application = new Application(setting, this.#judge, {
      url,
      io: this.#watched(),
      clock: this.#clock,
    });
  }

  get #connection(): Application["connection"] {
    return this.#application.connection;
  }

  /** Lives through the steps, then sees that everything comes to a good end. */
  async live(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#happen(step);
      await this.#pass(step.turns);
      this.#check();
    }
    if (!this.#setting.isCutShort) await this.#recover();
    await this.#end();
  }

  /** The fake server, whose every handshake is looked at as it leaves. */
  #watched(): IoAdapter {
    return {
      open: (request, report) =>
        this.#io.open(
          {
            ...request,
            credential: () => {
              const credential = request.credential();
              if (credential) this.#judge.guard(() => this.#present(request.link, tokenOf(credential)));
              return credential;
            },
          },
          report,
        ),
    };
  }

  #present(number: number, token: string): void {
    const others = this.#io.links.filter((link) => link.number !== number && link.auth);
    const limit = this.#setting.rotation === "overlap" ? 2 : 1;
    this.#judge.presented(
      token,
      others.map(({ auth }) => tokenOf(auth)),
      limit,
    );
  }

  #behaviour(name: Behaviour): FakeBehaviour {
    switch (name) {
      case "accept":
        return (link) => this.#accept(link);
      case "kick":
        return (link) => {
          this.#accept(link);
          link.drop("io server disconnect");
        };
      case "hang":
        return hang();
      case "unreachable":
        return unreachable();
      case "refuse: retry":
        return refuse("retry");
      case "refuse: refresh":
        return refuse("refresh");
      case "refuse: logout":
        return refuse("logout");
    }
  }

  #accept(link: FakeLink): void {
    const user = link.present() ? this.#judge.userOf(tokenOf(link.auth)) : undefined;
    const { half } = this.#setting;
    if (half === "none" || user === undefined) accept()(link);
    else link.accept({ reauthenticate: half === "reauthenticates", identity: `hash of ${user}` });
  }

  #answer(link: FakeLink, by: "yes" | "hanging" | "replace" | "refresh" | "logout"): void {
    const handshake = this.#io.log.find((entry) => entry.type === "handshake" && entry.link === link.number);
    const first = handshake?.type === "handshake" ? this.#judge.userOf(tokenOf(handshake.auth)) : undefined;
    const isOtherUser = first !== this.#judge.userOf(tokenOf(link.auth));
    if (isOtherUser) answer({ ok: false, verdict: "replace", isOtherUser })(link);
    else if (by !== "hanging") answer(by === "yes" ? { ok: true } : { ok: false, verdict: by })(link);
  }

  #happen(step: Step): void {
    if (this.#application.act(step)) return;
    switch (step.do) {
      case "server sends":
        // Two links are one user's, who hears of it once.
        this.#events += 1;
        for (const link of this.#io.links) link.send("news", this.#events, tokenOf(link.auth));
        return;
      case "server":
        this.#io.behave(this.#behaviour(step.will));
        return;
      case "server answers reauthentication":
        this.#io.behaveOnReauthentication((link) => this.#answer(link, step.by));
        return;
      case "server answers now":
        if (this.#io.last) this.#accept(this.#io.last);
        return;
      case "server drops":
        this.#io.links.at(0)?.drop("io server disconnect", step.verdict, step.retryAfter);
        return;
      case "barrier":
        this.#holdBarrier(step.isHeld);
        return;
      case "time passes":
        this.#clock.advance(step.milliseconds);
        return;
      default:
        return;
    }
  }

  #holdBarrier(isHeld: boolean): void {
    this.#io.isBarrierHeld = isHeld;
    if (!isHeld) for (const link of this.#io.links) link.settle();
  }

  async #pass(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) {
      await Promise.resolve();
      this.#judge.turn();
    }
  }

  #check(): void {
    for (const entry of this.#io.log.slice(this.#seen)) {
      if (entry.type !== "message" || entry.event !== "message") continue;
      const handshake = this.#io.log.find((each) => each.type === "handshake" && each.link === entry.link);
      if (handshake?.type === "handshake") {
        this.#judge.read(Number(entry.args[0]), tokenOf(handshake.auth));
      }
    }
    this.#seen = this.#io.log.length;
    if (this.#judge.broken) throw this.#judge.broken;
    const { status, detail } = this.#connection.getSnapshot();
    const open = this.#io.links.length;
    const mayHaveTwo = detail === "overlapping" || detail === "draining";
    const limits = { idle: 2, connecting: 1, connected: 1, rotating: mayHaveTwo ? 2 : 1, loggedOut: 0 };
    this.#judge.require(open <= limits[status], "G1", () => `${open} links are open in ${status}.${detail}`);
  }

  /** Everything works again: with a token, it connects by itself. */
  async #recover(): Promise<void> {
    this.#io.behave(this.#behaviour("accept"));
    this.#io.behaveOnReauthentication((link) => this.#answer(link, "yes"));
    this.#application.mend();
    this.#holdBarrier(false);
    await this.#pass(30);
    await this.#age();
    const { status, detail } = this.#connection.getSnapshot();
    if (status === "idle") this.#connection.connect();
    await this.#pass(30);
    await this.#age();
    // A token that was refused is not sent again, and without one there is no link.
    const isRejected = this.#connection.getSnapshot().detail === "rejected";
    if (isRejected || this.#judge.content === null) this.#application.act({ do: "store elsewhere", user: 0 });
    await this.#pass(30);
    await this.#age();
    const now = this.#connection.getSnapshot();
    this.#judge.require(
      now.status === "connected",
      "G8",
      () => `with a token and a server it is ${now.status}.${now.detail}, from ${status}.${detail}`,
    );
    const carried = this.#io.links.map(({ auth }) => tokenOf(auth));
    this.#judge.require(
      carried.length === 1 && carried[0] === this.#judge.content,
      "G2",
      () => `connected with ${carried}, and the storage holds ${this.#judge.content}`,
    );
    this.#happen({ do: "emitWithAck", turns: 0 });
    this.#happen({ do: "server sends", turns: 0 });
    await this.#pass(30);
    this.#check();
    this.#judge.answered();
    this.#judge.require(
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
      await this.#pass(30);
      this.#check();
    }
  }

  async #end(): Promise<void> {
    const isWorking = this.#connection.status === "connected";
    if (isWorking) this.#happen({ do: "emitWithAck", turns: 0 });
    this.#connection.dispose();
    await this.#pass(30);
    this.#check();
    this.#judge.answered();
    const left = {
      timers: this.#clock.timers,
      links: this.#io.links.length,
      listeners: this.#application.listeners,
    };
    for (const [what, number] of Object.entries(left)) {
      this.#judge.require(number === 0, "G9", () => `${number} ${what} are left`);
    }
  }
}
