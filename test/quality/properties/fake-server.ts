import {
  type Connection,
  ConnectionError,
  type IoAdapter,
  type LinkEvent,
  type LinkRequest,
  type LinkSocket,
  type Message,
} from "socket-rotor";
import { type FakeBehaviour, type FakeLink, fakeIo, hang, refuse, unreachable } from "socket-rotor/testing";
import { SECOND } from "./application.js";
import type { Oracle } from "./oracle.js";
import type { Behaviour, Step } from "./schedule.js";

/** The server's side of a schedule between fakes: what it answers, and what it sees, which the oracle hears of. */
export abstract class FakeServer {
  protected readonly io = fakeIo();
  /** The connection that it serves. */
  connection: Connection | undefined;
  readonly #oracle: Oracle;
  /** What each link was let in by, at its handshake. */
  readonly #passes = new Map<number, string>();
  readonly #links = new Map<number, FakeLink>();
  /** How each link tells the library of something. */
  readonly #reports = new Map<number, (event: LinkEvent) => void>();
  /** The links that were let in, and those whose user the server has named, or said nothing of. */
  readonly #accepted = new Set<number>();
  readonly #told = new Set<number>();
  #names: "told" | "late" | "missing" = "told";
  #events = 0;

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
    this.io.behave(this.#behaviour("accept"));
  }

  /** The fake server, whose every handshake and every message is looked at as it leaves. */
  readonly adapter: IoAdapter = {
    open: (request, report) => {
      const number = request.link;
      this.#reports.set(number, report);
      const credential = (): object | null => {
        const given = request.credential();
        if (given) this.#oracle.guard(() => this.#present(request, given));
        return given;
      };
      const link = this.io.open({ ...request, credential }, report);
      if (this.io.last) this.#links.set(number, this.io.last);
      return {
        ...link,
        recovery: () => {
          const isKnown = this.io.log.some((entry) => entry.type === "connected" && entry.link === number);
          return isKnown ? new Map([["/", { pid: String(number), offset: "" }]]) : undefined;
        },
        socket: (namespace) => this.#watch(number, namespace, link.socket(namespace)),
      };
    },
  };

  #watch(link: number, namespace: string, socket: LinkSocket): LinkSocket {
    const write = (message: Message): boolean => {
      const isWritten = socket.write(message);
      if (isWritten) this.#oracle.guard(() => this.#read(link, namespace, message));
      return isWritten;
    };
    return Object.create(socket, { write: { value: write } });
  }

  #read(link: number, namespace: string, { args }: Message): void {
    this.#oracle.looks("a message is written");
    this.#oracle.read(Number(args[0]), this.#passes.get(link) ?? "", namespace);
  }

  /** How many links are open. */
  get open(): number {
    return this.io.links.length;
  }

  /** What lets a link in that presents this. */
  protected abstract pass(link: number, auth: object): string;
  /** How many links may be open. */
  protected abstract readonly limit: number;
  /** Lets a link in, if it may be let in. */
  protected abstract accept(link: FakeLink): void;
  /** The one link that there is when everything works again is the right one. */
  abstract requireCurrent(): void;
  /** Whether somebody has to sign in before it can connect. */
  abstract needsSignIn(connection: Connection): boolean;

  /** The server takes a link for another user's from now on. */
  protected repass({ number }: FakeLink, pass: string): void {
    this.#passes.set(number, pass);
  }

  /** What a link has shown last. */
  protected passOf({ number }: FakeLink): string {
    return this.#passes.get(number) ?? "";
  }

  /** What a link shows when it joins another namespace; by default what it has shown before. */
  protected joinPass(link: number, _auth: object): string {
    return this.#passes.get(link) ?? "";
  }

  #present({ link: number, recovery }: LinkRequest, auth: object): void {
    const isFirst = !this.#passes.has(number);
    const pass = isFirst ? this.pass(number, auth) : this.joinPass(number, auth);
    if (isFirst) this.#passes.set(number, pass);
    const others = this.io.links.filter((link) => link.number !== number && link.auth);
    this.#oracle.looks("a handshake leaves");
    this.#oracle.presented(
      pass,
      others.map((link) => this.passOf(link)),
      this.limit,
    );
    if (!isFirst) return;
    const earlier = this.#links.get(Number(recovery?.get("/")?.pid));
    if (earlier) this.#oracle.recovers(this.passOf(earlier), pass);
  }

  #behaviour(name: Behaviour): FakeBehaviour {
    switch (name) {
      case "accept":
        return (link) => this.accept(link);
      case "kick":
        return (link) => {
          this.accept(link);
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
      case "refuse: session changed":
        return (link) => this.refuseAsChanged(link);
    }
  }

  /** Asks for a new handshake. */
  protected refuseAsChanged(link: FakeLink): void {
    link.refuse("retry", 0, "session_changed");
  }

  /** The same later on. */
  protected dropAsChanged(link: FakeLink): void {
    link.drop("io server disconnect", "retry", 0, "session_changed");
  }

  /** Says whose a link is, with no name where it does not say. */
  protected abstract name(link: FakeLink, isMissing: boolean): void;
  /** Says something else of a link whose user it has named. */
  protected abstract rename(link: FakeLink, user: number | "nobody"): void;

  /** A link is let in, and the server is about to say whose it is. */
  protected letIn(link: FakeLink): void {
    if (!link.isOpen || this.#accepted.has(link.number)) return;
    link.accept(null);
    this.#accepted.add(link.number);
    if (this.#names !== "late") this.#tellName(link);
  }

  protected isAccepted({ number }: FakeLink): boolean {
    return this.#accepted.has(number);
  }

  /** A link that was left is only read to its end, and the client does not hear what it says of itself. */
  get #isHeard(): boolean {
    return this.connection?.status !== "idle";
  }

  #tellName(link: FakeLink): void {
    if (!link.isOpen || !this.#isHeard || !this.isAccepted(link) || this.#told.has(link.number)) return;
    this.#told.add(link.number);
    this.name(link, this.#names === "missing");
  }

  /** Does what the server does. */
  act(step: Step): void {
    switch (step.do) {
      case "server sends":
        this.send();
        return;
      case "server asks":
        this.#ask();
        return;
      case "server":
        this.io.behave(this.#behaviour(step.will));
        return;
      case "server answers now":
        if (this.io.last) this.accept(this.io.last);
        return;
      case "server drops":
        this.io.links.at(0)?.drop("io server disconnect", step.verdict, step.retryAfter);
        return;
      case "server drops as changed": {
        const link = this.io.links.at(0);
        if (link) this.dropAsChanged(link);
        return;
      }
      case "names":
        this.#names = step.are;
        if (step.are !== "late") for (const each of this.io.links) this.#tellName(each);
        return;
      case "server renames":
        for (const each of this.io.links) {
          if (this.#told.has(each.number) && this.#isHeard) this.rename(each, step.user);
        }
        return;
      case "old link reports":
        this.#reportLate(step.what);
        return;
      case "barrier":
        this.#holdBarrier(step.isHeld);
        return;
      default:
        return;
    }
  }

  /** Two links are one user's, who hears of it once. */
  send(): void {
    this.#events += 1;
    for (const link of this.io.links) {
      link.send("news", this.#events, this.#oracle.labelOf(this.passOf(link)));
      link.sendIn(SECOND, "news", -this.#events, this.#oracle.labelOf(this.passOf(link)));
    }
  }

  #ask(): void {
    for (const link of this.io.links) {
      const onReply = (number: unknown): void =>
        this.#oracle.guard(() => {
          this.#oracle.looks("a reply is written");
          this.#oracle.replied(Number(number), this.passOf(link));
        });
      link.send("question", onReply);
      link.sendIn(SECOND, "question", onReply);
    }
  }

  #holdBarrier(isHeld: boolean): void {
    this.io.isBarrierHeld = isHeld;
    if (!isHeld) for (const link of this.io.links) link.settle();
  }

  /** A link that was closed still says something. */
  #reportLate(what: LinkEvent["type"]): void {
    const closed = [...this.#reports].filter(([link]) =>
      this.io.links.every(({ number }) => number !== link),
    );
    const [, report] = closed.at(-1) ?? [];
    const error = new ConnectionError("ERR_TRANSPORT", "The fake server is late.");
    if (what === "connected") report?.({ type: what });
    else if (what === "ready") report?.({ type: what, reauthenticate: true, identity: "hash of somebody" });
    else if (what === "failed") report?.({ type: what, error });
    else if (what === "refused") report?.({ type: what, verdict: "logout", error });
    else report?.({ type: what, verdict: "logout", error, reason: "io server disconnect" });
  }

  /** Looks at the links that are open. */
  look(): void {}

  /** Whatever has failed works again. */
  mend(): void {
    this.io.behave(this.#behaviour("accept"));
    this.#holdBarrier(false);
    this.act({ do: "names", are: "told", turns: 0 });
  }
}
