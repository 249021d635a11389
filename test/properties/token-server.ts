import type { Connection } from "socket-rotor";
import { accept, answer, type FakeLink } from "socket-rotor/testing";
import { FakeServer } from "./fake-server.js";
import type { Setting, Step } from "./schedule.js";
import { tokenOf } from "./token-account.js";
import type { TokenJudge } from "./token-judge.js";

type Answer = Extract<Step, { do: "server answers reauthentication" }>["by"];

/** A server that is shown tokens, with a half of ours or without. */
export class TokenServer extends FakeServer {
  protected override readonly limit: number;
  readonly #setting: Setting;
  readonly #judge: TokenJudge;

  constructor(setting: Setting, judge: TokenJudge) {
    super(judge);
    this.#setting = setting;
    this.#judge = judge;
    this.limit = setting.rotation === "overlap" ? 2 : 1;
    this.io.behaveOnReauthentication((link) => this.#answer(link, "yes"));
  }

  protected override pass(_: number, auth: object): string {
    return tokenOf(auth);
  }

  /** It may have been re-authenticated since the handshake. */
  protected override passOf({ auth }: FakeLink): string {
    return tokenOf(auth);
  }

  protected override accept(link: FakeLink): void {
    const user = link.present() ? this.#judge.userOf(this.passOf(link)) : undefined;
    const { half } = this.#setting;
    if (half === "none" || user === undefined) accept()(link);
    else link.accept({ reauthenticate: half === "reauthenticates", identity: `hash of ${user}` });
  }

  #answer(link: FakeLink, by: Answer): void {
    const first = this.#judge.userOf(super.passOf(link));
    const isOtherUser = first !== this.#judge.userOf(this.passOf(link));
    if (isOtherUser) answer({ ok: false, verdict: "replace", isOtherUser })(link);
    else if (by !== "hanging") answer(by === "yes" ? { ok: true } : { ok: false, verdict: by })(link);
  }

  override act(step: Step): void {
    if (step.do !== "server answers reauthentication") super.act(step);
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
    const carried = this.io.links.map((link) => this.passOf(link));
    this.#judge.require(
      carried.length === 1 && carried[0] === content,
      "G2",
      () => `connected with ${carried}, and the storage holds ${content}`,
    );
  }
}
