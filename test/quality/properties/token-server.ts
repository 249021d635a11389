import type { Connection } from "socket-rotor";
import { accept, answer, type FakeLink } from "socket-rotor/testing";
import { FakeServer } from "./fake-server.js";
import type { Setting, Step } from "./schedule.js";
import { tokenOf } from "./token-account.js";
import { inOtherHands, type TokenJudge, tokenIn } from "./token-judge.js";

type Answer = Extract<Step, { do: "server answers reauthentication" }>["by"];

/** A server that is shown tokens, with a half of ours or without. */
export class TokenServer extends FakeServer {
  protected override readonly limit: number;
  readonly #setting: Setting;
  readonly #judge: TokenJudge;
  /** Whose a token is by now that was somebody else's when it was issued. */
  readonly #hands = new Map<string, string>();

  constructor(setting: Setting, judge: TokenJudge) {
    super(judge);
    this.#setting = setting;
    this.#judge = judge;
    this.limit = setting.rotation === "overlap" ? 2 : 1;
    this.io.behaveOnReauthentication((link) => this.#answer(link, "yes"));
  }

  protected override pass(_: number, auth: object): string {
    return this.#passOfToken(tokenOf(auth));
  }

  /** What a token is worth now. */
  #passOfToken(token: string): string {
    const user = this.#hands.get(token);
    return user === undefined ? token : inOtherHands(token, user);
  }

  /** It may have been re-authenticated since the handshake, by another token of the same user. */
  protected override passOf(link: FakeLink): string {
    const first = super.passOf(link);
    const token = tokenOf(link.auth);
    return tokenIn(first) === token ? first : token;
  }

  protected override accept(link: FakeLink): void {
    const pass = link.present() ? this.passOf(link) : "";
    const user = this.#judge.userOf(pass);
    const { half } = this.#setting;
    if (half === "none" || user === undefined) accept()(link);
    else {
      this.#judge.names(pass);
      link.accept({ reauthenticate: half === "reauthenticates", identity: `hash of ${user}` });
    }
  }

  /** Nobody here can tell, and the server can say it: a token that can be read is whose it says. */
  #changeHands(user: string): void {
    const { content } = this.#judge;
    const { credential, half } = this.#setting;
    if (content === null || credential !== "opaque" || half === "none") return;
    if (!this.#judge.hasNamed(content)) return;
    this.#hands.set(content, user);
    this.#judge.issue(inOtherHands(content, user), user);
  }

  #answer(link: FakeLink, by: Answer): void {
    const first = this.#judge.userOf(super.passOf(link));
    const isOtherUser = first !== this.#judge.userOf(this.#passOfToken(tokenOf(link.auth)));
    if (isOtherUser) answer({ ok: false, verdict: "replace", isOtherUser })(link);
    else if (by !== "hanging") answer(by === "yes" ? { ok: true } : { ok: false, verdict: by })(link);
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
    return connection.getSnapshot().detail === "rejected" || this.#judge.content === null;
  }

  override requireCurrent(): void {
    const { content } = this.#judge;
    const carried = this.io.links.map((link) => tokenOf(link.auth));
    this.#judge.require(
      carried.length === 1 && this.#judge.isAsGoodAs(carried[0] ?? "", content),
      "G2",
      () => `connected with ${carried}, and the storage holds ${content}`,
    );
  }
}
