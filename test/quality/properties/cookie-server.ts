import type { Clock, Connection } from "socket-rotor";
import type { FakeLink } from "socket-rotor/testing";
import type { CookieOracle } from "./cookie-oracle.js";
import { FakeServer } from "./fake-server.js";
import type { Step } from "./schedule.js";
import type { SessionEnd, Sessions } from "./sessions.js";

/** How long after `session_changed` or `login()` nobody counts as signed out: `stableAfter`, in milliseconds. */
const GRACE = 5_000;

/** A server with sessions, which names their users, and ends the links of those that change or end. */
export class CookieServer extends FakeServer {
  protected override readonly limit = 1;
  readonly #oracle: CookieOracle;
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  /** `reconnectionAttempts`. */
  readonly #attempts: number;
  /** The session that each handshake named, and whether it was alive then. */
  readonly #handshakes = new Map<number, { session: string; wasInForce: boolean }>();
  #areGoodbyesHeld = false;
  /** Until when a session may be on its way that has changed, or was just signed in to. */
  #dueUntil = 0;

  constructor(oracle: CookieOracle, sessions: Sessions, clock: Clock, attempts: number) {
    super(oracle);
    this.#attempts = attempts;
    this.#oracle = oracle;
    this.#sessions = sessions;
    this.#clock = clock;
    sessions.onEnd = () => this.#disconnectWithReason();
  }

  protected override pass(link: number): string {
    const session = this.#sessions.cookie ?? "no session";
    const user = this.#sessions.userOf(session);
    this.#handshakes.set(link, { session, wasInForce: user !== undefined });
    const pass = `link ${link} in ${session}`;
    if (user !== undefined) this.#oracle.issue(pass, user);
    return pass;
  }

  protected override accept(link: FakeLink): void {
    const handshake = link.present() && this.#handshakes.get(link.number);
    if (!handshake || !link.isOpen) return;
    const { session, wasInForce } = handshake;
    if (!this.#isInForce(session)) {
      // Between the handshake and the admission it may have gone.
      if (wasInForce && this.#sessions.endOf(session) === "session_changed") this.refuseAsChanged(link);
      else this.#require(link);
      return;
    }
    this.letIn(link);
  }

  protected override name(link: FakeLink, isMissing: boolean): void {
    this.#dueUntil = 0;
    // A server that has never named anybody does not know its users at all.
    if (isMissing && this.#oracle.areNamed) this.#rename(link, undefined);
    else this.#rename(link, this.#oracle.userOf(this.passOf(link)));
  }

  protected override rename(link: FakeLink, user: number | "nobody"): void {
    this.#rename(link, user === "nobody" ? undefined : `user${user}`);
  }

  #rename(link: FakeLink, user: string | undefined): void {
    const pass = this.passOf(link);
    this.#oracle.issue(pass, user ?? this.#oracle.nobodyOf(pass));
    this.#oracle.named(pass);
    link.ready(user === undefined ? {} : { identity: `hash of ${user}` });
  }

  #isInForce(session: string): boolean {
    return this.#sessions.userOf(session) !== undefined;
  }

  #require(link: FakeLink): void {
    // Nobody is waited for where there is no attempt left.
    const hasAttempts = (this.connection?.getSnapshot().attempt ?? 0) < this.#attempts;
    const isDue = hasAttempts && this.#clock.now() < this.#dueUntil;
    if (!isDue) this.#oracle.endIsSaid();
    const before = this.#oracle.signIn;
    link.refuse("logout", undefined, "session_required");
    // When it writes down that nobody is signed in, it may find that somebody is.
    if (this.#oracle.signIn !== before) return;
    const { status, detail } = this.connection?.getSnapshot() ?? {};
    this.#oracle.guard(() =>
      this.#oracle.require(
        isDue ? status !== "loggedOut" : detail === "signedOut",
        "G8",
        () =>
          `${status}.${detail} after session_required, and the cookie may ${isDue ? "" : "not "}be on its way`,
      ),
    );
  }

  protected override refuseAsChanged(link: FakeLink): void {
    this.#oracle.changeIsSaid();
    super.refuseAsChanged(link);
    this.#noteChange();
  }

  /** Its cookie has its time from now on, also where the next attempt is made by the application alone. */
  #noteChange(): void {
    const { status, detail } = this.connection?.getSnapshot() ?? {};
    if (status === "connecting" || detail === "exhausted") this.awaitSession();
  }

  /** The session has its time from now on. */
  awaitSession(): void {
    this.#dueUntil = this.#clock.now() + GRACE;
  }

  protected override dropAsChanged(link: FakeLink): void {
    if (this.isAccepted(link)) this.#end(link, "session_changed");
  }

  #disconnectWithReason(): void {
    if (this.#areGoodbyesHeld) return;
    for (const link of this.io.links) {
      const { session } = this.#handshakes.get(link.number) ?? { session: "" };
      if (!this.isAccepted(link) || this.#isInForce(session)) continue;
      this.#end(link, this.#sessions.endOf(session));
    }
  }

  #end(link: FakeLink, why: SessionEnd): void {
    if (why === "session_changed") {
      this.#oracle.changeIsSaid();
      link.drop("io server disconnect", "retry", 0, why);
      this.#noteChange();
    } else {
      this.#oracle.endIsSaid();
      link.drop("io server disconnect", "logout", undefined, why);
    }
  }

  override act(step: Step): void {
    if (step.do === "goodbyes") {
      this.#areGoodbyesHeld = step.isHeld;
      this.#disconnectWithReason();
    } else super.act(step);
  }

  override look(): void {
    for (const link of this.io.links) if (link.auth) this.#oracle.isUpToDate(this.passOf(link));
    if (this.connection?.status === "loggedOut") this.#dueUntil = 0;
  }

  override mend(): void {
    super.mend();
    this.#areGoodbyesHeld = false;
    this.#disconnectWithReason();
  }

  /** Nobody can know of a sign-in that was not told, once the server has said that nobody is signed in. */
  override needsSignIn(connection: Connection): boolean {
    const { status, detail } = connection.getSnapshot();
    if (status !== "loggedOut") return false;
    this.#oracle.require(
      detail === "rejected" || this.#oracle.mayBeSignedOut,
      "G8",
      () => "signed out, and neither the marker nor the server has said so",
    );
    return true;
  }

  override requireCurrent(): void {
    const sessions = this.io.links.map(({ number }) => this.#handshakes.get(number)?.session);
    const { cookie } = this.#sessions;
    this.#oracle.require(
      sessions.length === 1 && sessions[0] === cookie && this.#sessions.userOf(cookie) !== undefined,
      "G2",
      () => `connected in ${sessions}, and the session is ${cookie}`,
    );
  }
}
