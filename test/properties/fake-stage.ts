import {
  type Connection,
  createConnection,
  type EnvironmentSignal,
  type IoAdapter,
} from "socket-rotor";
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
import { jwt } from "../tokens.js";
import { Judge } from "./judge.js";
import type { Behaviour, Setting, Step } from "./schedule.js";
import { WatchedStorage } from "./storage.js";

/** Longer than any delay and time limit of the connection's. */
const AGES = 120_000;

/** A connection between fakes that lives through a schedule; whatever it does is judged from the server's log. */
export class FakeStage {
  readonly #setting: Setting;
  readonly #judge: Judge;
  readonly #clock = simulatedClock();
  readonly #io = fakeIo();
  readonly #storage: WatchedStorage;
  readonly #connection: Connection;
  readonly #environment = new Set<(signal: EnvironmentSignal) => void>();
  #brings: "a token" | "null" | "an error" = "a token";
  #tokens = 0;
  #events = 0;
  #seen = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#judge = new Judge(setting.storage === "async");
    this.#storage = new WatchedStorage(this.#judge, setting.storage === "async");
    this.#io.behave(this.#behaviour("accept"));
    this.#io.behaveOnReauthentication((link) => this.#answer(link, "yes"));
    this.#connection = createConnection({
      url: "https://api.example.com",
      storage: this.#storage,
      io: this.#watched(),
      clock: this.#clock,
      logger: {},
      rotation: setting.rotation,
      reconnectionAttempts: setting.reconnectionAttempts,
      environment: {
        subscribe: (onSignal) => {
          this.#environment.add(onSignal);
          return () => {
            this.#environment.delete(onSignal);
          };
        },
      },
      ...(setting.hasRefresh && { refresh: () => this.#refresh() }),
    });
    this.#connection.socket.on("news", (number: number, token: string) =>
      this.#judge.guard(() => this.#judge.delivered(number, token)),
    );
  }

  /** Lives through the steps, then sees that everything comes to a good end. */
  async live(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#happen(step);
      await this.#pass(step.turns);
      this.#check();
    }
    await this.#recover();
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

  #token(user: string): string {
    this.#tokens += 1;
    const number = this.#tokens;
    const token =
      this.#setting.tokens === "jwt"
        ? jwt({ sub: user, jti: number, iat: 0, exp: 3_600 })
        : `opaque-${number}`;
    this.#judge.issue(token, user);
    return token;
  }

  async #refresh(): Promise<string | null> {
    const user = this.#judge.userOf(this.#judge.content) ?? "user0";
    await Promise.resolve();
    if (this.#brings === "an error") throw new Error("down");
    return this.#brings === "null" ? null : this.#token(user);
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
    if (half === "none" || user === undefined) return accept()(link);
    link.accept({ reauthenticate: half === "reauthenticates", identity: `hash of ${user}` });
  }

  #answer(link: FakeLink, by: "yes" | "hanging" | "replace" | "refresh" | "logout"): void {
    const handshake = this.#io.log.find((entry) => entry.type === "handshake" && entry.link === link.number);
    const first = handshake?.type === "handshake" ? this.#judge.userOf(tokenOf(handshake.auth)) : undefined;
    const isOtherUser = first !== this.#judge.userOf(tokenOf(link.auth));
    if (isOtherUser) return answer({ ok: false, verdict: "replace", isOtherUser })(link);
    if (by !== "hanging") answer(by === "yes" ? { ok: true } : { ok: false, verdict: by })(link);
  }

  #happen(step: Step): void {
    const { socket } = this.#connection;
    switch (step.do) {
      case "login":
        return this.#ignore(this.#connection.login(this.#token(`user${step.user}`)));
      case "login again":
        return this.#ignore(this.#connection.login());
      case "logout":
        // Known at once, before the storage is.
        this.#judge.stored(null);
        this.#judge.toldAtOnce();
        return this.#ignore(this.#connection.logout());
      case "store elsewhere":
        return this.#storage.set(this.#token(`user${step.user}`));
      case "remove elsewhere":
        return this.#storage.set(null);
      case "signal":
        return this.#storage.signal();
      case "storage":
        return this.#storage.become(step.is);
      case "refresh brings":
        this.#brings = step.what;
        return;
      case "connect":
        return void this.#connection.connect();
      case "disconnect":
        return void this.#connection.disconnect();
      case "refresh":
        return this.#ignore(this.#connection.refresh());
      case "emit":
        return void socket.emit("message", this.#judge.emits(false));
      case "emitWithAck": {
        const number = this.#judge.emits(true);
        const settled = (): void => this.#judge.settled(number);
        socket.emitWithAck("message", number).then(settled, settled);
        return;
      }
      case "server sends":
        for (const link of this.#io.links) {
          this.#events += 1;
          link.send("news", this.#events, tokenOf(link.auth));
        }
        return;
      case "server":
        return this.#io.behave(this.#behaviour(step.will));
      case "server answers reauthentication":
        return this.#io.behaveOnReauthentication((link) => this.#answer(link, step.by));
      case "server answers now":
        if (this.#io.last) this.#accept(this.#io.last);
        return;
      case "server drops":
        return this.#io.links.at(0)?.drop("io server disconnect", step.verdict, step.retryAfter);
      case "barrier":
        return this.#holdBarrier(step.isHeld);
      case "network":
        for (const tell of [...this.#environment]) tell(step.signal);
        return;
      case "time passes":
        return this.#clock.advance(step.milliseconds);
    }
  }

  #holdBarrier(isHeld: boolean): void {
    this.#io.isBarrierHeld = isHeld;
    if (!isHeld) for (const link of this.#io.links) link.settle();
  }

  /** What a command answers is the business of other tests. */
  #ignore(promise: Promise<unknown>): void {
    promise.catch(() => {});
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
    this.#brings = "a token";
    this.#storage.become("up");
    this.#holdBarrier(false);
    await this.#pass(30);
    await this.#age();
    const { status, detail } = this.#connection.getSnapshot();
    if (status === "idle") this.#connection.connect();
    await this.#pass(30);
    await this.#age();
    // A token that was refused is not sent again, and without one there is no link.
    const isRejected = this.#connection.getSnapshot().detail === "rejected";
    if (isRejected || this.#judge.content === null) this.#storage.set(this.#token("user0"));
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
      "listeners of the storage": this.#storage.listeners,
      "listeners of the environment": this.#environment.size,
    };
    for (const [what, number] of Object.entries(left)) {
      this.#judge.require(number === 0, "G9", () => `${number} ${what} are left`);
    }
  }
}

function tokenOf(auth: object | undefined): string {
  return auth && "token" in auth ? String(auth.token) : "";
}
