import type { Connection } from "socket-rotor";
import { accept, answer, type FakeLink } from "socket-rotor/testing";
import { FakeServer } from "./fake-server.js";
import type { Setting, Step } from "./schedule.js";
import { tokenOf } from "./token-account.js";
import { type TokenOracle, tokenIn } from "./token-oracle.js";

type Answer = Extract<Step, { do: "server answers reauthentication" }>["by"];

/** A server that is shown tokens, with a half of ours or without. */
export class TokenServer extends FakeServer {
  protected override readonly limit: number;
  readonly #setting: Setting;
  readonly #oracle: TokenOracle;

  constructor(setting: Setting, oracle: TokenOracle) {
    super(oracle);
    this.#setting = setting;
    this.#oracle = oracle;
    this.limit = setting.rotation === "overlap" ? 2 : 1;
    this.io.behaveOnReauthentication((link) => this.#answer(link, "yes"));
  }

  protected override pass(_: number, auth: object): string {
    return this.#oracle.passOf(tokenOf(auth));
  }

  /** It may have been re-authenticated since the handshake, by another token of the same user. */
  protected override passOf(link: FakeLink): string {
    const first = super.passOf(link);
    const token = tokenOf(link.auth);
    return tokenIn(first) === token ? first : token;
  }

  /** Each CONNECT of a link carries a token of its own. */
  protected override joinPass(_: number, auth: object): string {
    return tokenOf(auth);
  }

  protected override accept(link: FakeLink): void {
    const pass = link.present() ? this.passOf(link) : "";
    if (this.#setting.half === "none" || this.#oracle.userOf(pass) === undefined) accept()(link);
    else this.letIn(link);
  }

  /** A token that says nothing is nobody's in particular, once the server has named others and leaves the name out. */
  protected override name(link: FakeLink, isMissing: boolean): void {
    if (isMissing && this.#oracle.isOpaque && this.#oracle.areNamed) this.#rename(link, undefined);
    else if (isMissing) this.#say(link, undefined);
    else {
      const pass = this.passOf(link);
      this.#oracle.names(pass);
      this.#say(link, this.#oracle.userOf(pass));
    }
  }

  protected override rename(link: FakeLink, user: number | "nobody"): void {
    if (this.#oracle.isOpaque) this.#rename(link, user === "nobody" ? undefined : `user${user}`);
    else this.#say(link, user === "nobody" ? undefined : `user${user}`);
  }

  /** From now on a link is another user's. */
  #rename(link: FakeLink, named: string | undefined): void {
    const token = tokenIn(this.passOf(link));
    const pass = named === undefined ? this.#oracle.deny(token) : this.#oracle.changeHands(token, named);
    this.repass(link, pass);
    this.#oracle.names(pass);
    this.#say(link, named);
  }

  #say(link: FakeLink, user: string | undefined): void {
    const reauthenticate = this.#setting.half === "reauthenticates";
    link.ready({ reauthenticate, ...(user !== undefined && { identity: `hash of ${user}` }) });
  }

  /** Nobody here can tell, and the server can say it: a token that can be read is whose it says. */
  #changeHands(user: string): void {
    const { content } = this.#oracle;
    const { credential, half } = this.#setting;
    if (content === null || credential !== "opaque" || half === "none") return;
    if (!this.#oracle.hasNamed(content)) return;
    this.#oracle.changeHands(content, user);
  }

  #answer(link: FakeLink, by: Answer): void {
    const first = this.#oracle.userOf(super.passOf(link));
    const isOtherUser = first !== this.#oracle.userOf(this.#oracle.passOf(tokenOf(link.auth)));
    if (isOtherUser) answer({ ok: false, verdict: "replace", isOtherUser })(link);
    else if (by === "mismatch") this.#deny(link);
    else if (by !== "hanging") answer(by === "yes" ? { ok: true } : { ok: false, verdict: by })(link);
  }

  /** Says that another user's is what says that it is the same one's, where nothing newer can be on its way. */
  #deny(link: FakeLink): void {
    const token = tokenOf(link.auth);
    const isOtherUser = !this.#oracle.isOpaque && this.#oracle.isCertainly(token);
    if (isOtherUser) this.repass(link, this.#oracle.denies(token, super.passOf(link)));
    answer({ ok: false, verdict: "replace", ...(isOtherUser && { isOtherUser }) })(link);
  }

  override act(step: Step): void {
    if (step.do === "token changes hands") this.#changeHands(`user${step.user}`);
    else if (step.do !== "server answers reauthentication") super.act(step);
    else this.io.behaveOnReauthentication((link) => this.#answer(link, step.by));
  }

  override mend(): void {
    super.mend();
    this.io.behaveOnReauthentication((link) => this.#answer(link, "yes"));
  }

  /** A token that was refused is not sent again, and without one there is no link. */
  override needsSignIn(connection: Connection): boolean {
    return connection.getSnapshot().detail === "rejected" || this.#oracle.content === null;
  }

  override requireCurrent(): void {
    const { content } = this.#oracle;
    const carried = this.io.links.map((link) => tokenOf(link.auth));
    this.#oracle.require(
      carried.length === 1 && this.#oracle.isAsGoodAs(carried[0] ?? "", content),
      "G2",
      () => `connected with ${carried}, and the storage holds ${content}`,
    );
  }
}
