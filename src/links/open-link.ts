import type { IoEvent } from "../../machines/index.js";
import type { Owner } from "../credential/owners.js";
import { ConnectionError } from "../errors.js";
import type { LinkOwner } from "../sockets/gate.js";
import { isDuration, isPromise } from "../value.js";
import { DEAD, NO_ANSWER, NOT_OPENED, UNNAMED_SESSION } from "../words/messages.js";
import type { Link, LinkEvent, Recovery } from "./io-adapter.js";
import type { LinkParts } from "./links.js";
import { readRefusal } from "./refusals.js";

/** What a link may be asked, each within a time: whether it takes a newer token, and whether all was read. */
const TOKEN = 0;
const READ = 1;

/** How long a link may take to prove that it is alive, in milliseconds. */
const CHECK_TIMEOUT = 2_000;

/** The longest name of a user, in characters: it is kept for as long as the user is. A longer one names nobody. */
const LONGEST_NAME = 256;

/**
 * One link, from the order to open it to its end. What it reports is checked here: adapters are anybody's, and pass on
 * what a server has sent. A number that is no time counts as left out, an unknown verdict as `retry`, an event of another
 * type as `failed`.
 */
export class OpenLink implements LinkOwner {
  /** `undefined` until the adapter has opened it. */
  link: Link | undefined;
  /** The version of the token that its server accepted last, or is to accept. */
  version: number;
  owner: Owner = {};
  isCertain = false;
  /** It ended by itself, and not because of its token. */
  isLost = false;
  /** What is to be offered for recovery: by the next link, if this one never gets to it. */
  offered: Recovery | undefined;
  transport: string | undefined;
  readonly #parts: LinkParts;
  readonly #number: number;
  /** Ends the wait for the server to accept it. */
  readonly #timer: unknown;
  /** The statechart has closed or left it: it reports and presents nothing any more. */
  #isOver = false;
  /** Its server has accepted it, and has said so of itself since. */
  #isAccepted = false;
  /** Its server has said whose it is, or that it names nobody. */
  #isNamed = false;
  /** Takes what the server has said of its user, while that waits for the storage. */
  #name: (() => void) | undefined;
  /** What was reported too early: without a link to report of, or before that was connected. */
  #early: LinkEvent[] = [];
  /** The newest question of each kind that waits for its answer. */
  readonly #waits: ({ timer: unknown; controller: AbortController } | undefined)[] = [];

  constructor(parts: LinkParts, link: number, version: number) {
    this.#parts = parts;
    this.#number = link;
    this.version = version;
    this.#timer = parts.clock.setTimeout(() => this.#lose("ERR_CONNECT_TIMEOUT"), parts.timeout);
  }

  /** Opens it. A change of the token that is found here is reported, and the statechart starts over. */
  open(offered: Recovery | undefined): void {
    const { io, tokenStore, failures, extraHeaders, namespaces, onTransport } = this.#parts;
    const headers = this.#make("extraHeaders", extraHeaders);
    if (headers === null) return;
    this.owner = tokenStore.owners.ofToken;
    this.isCertain = tokenStore.owners.isKnown;
    this.offered = offered;
    try {
      const opened = io.open(
        {
          link: this.#number,
          credential: () => this.#present(),
          namespaces: namespaces(this.#number),
          ...(headers && { headers }),
          ...(offered && { recovery: offered }),
        },
        (event) => this.#handle(event),
      );
      this.link = opened;
      // The application's functions may have ended this link, or everything.
      if (this.#isOver) opened.close();
      opened.watchTransport?.((name) => {
        if (this.#isOver) return;
        this.transport = name;
        onTransport();
      });
      for (const early of this.#early.splice(0)) this.#handle(early);
    } catch (cause) {
      this.#lose(failures.note(failures.make("ERR_TRANSPORT", NOT_OPENED, { cause }), true));
    }
  }

  /** Asks whether the server takes the token of a version on this link. The newest question counts. */
  async reauthenticate(version: number): Promise<void> {
    const { tokenStore, auth, extraHeaders, reauthenticateTimeout } = this.#parts;
    const link = this.#number;
    this.#end(TOKEN)?.abort();
    const credential = this.#make("auth", auth, version);
    const headers = credential && extraHeaders && this.#make("extraHeaders", extraHeaders, version);
    if (!credential || headers === null) return;
    const type = "io.reauthenticationFailed";
    const said = await this.#ask(
      TOKEN,
      reauthenticateTimeout,
      () => this.#tell({ type, link, version, verdict: "replace", code: "ERR_CONNECT_TIMEOUT" }),
      (asked, signal) => asked.reauthenticate(credential, signal, headers),
    );
    if (!said) return;
    const [answer] = said;
    if (answer?.ok === true) {
      this.version = version;
      this.#hear(answer.expiresIn);
      this.#tell({ type: "io.reauthenticated", link, version });
      return;
    }
    const isOtherUser = answer?.isOtherUser === true && tokenStore.token(version) !== undefined;
    if (isOtherUser) tokenStore.owners.changeUser();
    const refused = answer ?? { verdict: "replace", error: new ConnectionError("ERR_TRANSPORT", NO_ANSWER) };
    const refusal = readRefusal(this.#parts, link, version, refused, "replace");
    this.#tell({ type, ...refusal, ...(isOtherUser && { isOtherUser }) });
  }

  /** The storage was read. Where it holds the same token, it is this link's user whom the server has named. */
  applyName(): void {
    if (this.#parts.tokenStore.token(this.version) !== undefined) this.#name?.();
  }

  /** Asks whether the server is there: an answer in time proves that the link is alive, and none that it is not. */
  check(): void {
    void this.settle(CHECK_TIMEOUT, undefined, () => {
      const error = new ConnectionError("ERR_DISCONNECTED", DEAD);
      this.#lose(this.#parts.failures.note(error), { reason: "ping timeout", retryAfter: 0 });
    });
  }

  /** Calls back, and by default reports, when the server has read everything that was written, or after that time. */
  async settle(
    time = this.#parts.drainTimeout,
    onRead = (): void => this.#tell({ type: "io.settled", link: this.#number }),
    onLate = onRead,
  ): Promise<void> {
    const giveUp = (): void => {
      this.#end(READ)?.abort();
      onLate();
    };
    if (await this.#ask(READ, time, giveUp, (link, signal) => link.settle(signal))) onRead();
  }

  /** Calls back then, and is silent from now on. */
  leave(onLeft: () => void): void {
    this.#silence();
    void this.settle(undefined, onLeft);
  }

  close(): void {
    this.#silence();
    if (this.#isAccepted && !this.#isNamed) this.#parts.tokenStore.owners.lose(this.owner);
    this.link?.close();
  }

  /** What to present in a CONNECT: of the token that the link has by now. */
  #present(): object | null {
    const credential = this.#make("auth", this.#parts.auth) ?? null;
    // The offer is presented along with this. Where no answer comes, it may be the reason.
    if (credential) this.offered = undefined;
    return credential;
  }

  /**
   * What one of the application's functions makes of the token of a version; `undefined` without the function. `null` when
   * the link cannot go on with it: the token is not current any more, the function has failed, and the link with it, or it
   * has ended the link, or signed somebody in or out.
   */
  #make<Made extends object>(
    name: string,
    make: ((token: string) => Made) | undefined,
    version = this.version,
  ): Made | null | undefined {
    const { gate, tokenStore, failures } = this.#parts;
    const token = this.#isOver ? undefined : gate.token(version);
    if (token === undefined) return null;
    if (!make) return undefined;
    let thrown: { cause: unknown } | undefined;
    try {
      const made = make(token);
      // It can be sent as it is.
      if (typeof made === "object" && made !== null && !Array.isArray(made) && !isPromise(made))
        return this.#isOver || tokenStore.token(version) === undefined ? null : made;
    } catch (cause) {
      thrown = { cause };
    }
    const error = failures.make(
      "ERR_CREDENTIAL",
      thrown
        ? `The "${name}" function threw, so that there is nothing to connect with.`
        : `The "${name}" function must answer with an object, and at once: no promise, no array, no other value.`,
      thrown,
    );
    this.#lose(failures.note(error, true));
    return null;
  }

  #handle(event: LinkEvent): void {
    if (this.#isOver) return;
    if (!this.link || (event.type === "ready" && !this.#isAccepted)) {
      this.#early.push(event);
    } else if (event.type === "connected") {
      this.#isAccepted = true;
      // Where only the server can say whose it is, it is about to.
      if (this.isCertain) this.#tellConnected();
      for (const early of this.#early.splice(0)) this.#handle(early);
    } else if (event.type === "ready") this.#handleReady(event);
    else if (event.type === "refused" || event.type === "disconnected") {
      const said = readRefusal(this.#parts, this.#number, this.version, event, "retry");
      this.isLost = said.verdict === "retry";
      // Socket.IO's words, where the adapter says nothing that can be said.
      const reason = "reason" in event && typeof event.reason === "string" ? event.reason : "transport error";
      const more = event.type === "disconnected" && { reason: this.#parts.tokenStore.mask(reason) };
      this.#tell({ type: "io.ended", ...said, ...more });
    } else this.#lose(this.#parts.failures.note(event.error));
  }

  /** The server half has said of itself what it is like, or that there is none. */
  #handleReady({ reauthenticate, expiresIn, identity }: Extract<LinkEvent, { type: "ready" }>): void {
    const { gate, tokenStore, log, isCookie } = this.#parts;
    const isName = typeof identity === "string" && identity !== "" && identity.length <= LONGEST_NAME;
    if (isCookie && !isName) log.warnOnce("unnamed-session", UNNAMED_SESSION);
    // The session may be another user's by now: that is found here, and ends this link.
    if (isCookie && gate.token(this.version) === undefined && this.#isOver) return;
    const isNew = !this.isCertain;
    this.#name = () => {
      this.#name = undefined;
      this.#isNamed = true;
      this.owner = tokenStore.owners.name(this.owner, isName ? identity : undefined);
      this.isCertain = true;
    };
    // While the storage is read it may be the user of the next session who is named: that waits for the answer.
    if (!isCookie || gate.isCertain) this.#name();
    // Only now is it connected.
    if (isNew) this.#tellConnected();
    // A listener may have ended it.
    if (this.#isOver) return;
    this.#hear(expiresIn);
    this.#tell({ type: "io.ready", link: this.#number, reauthenticate: reauthenticate === true });
  }

  /** The server has said how long the token of this link still lives. */
  #hear(lifetime: number | undefined): void {
    const { tokenStore, expiry } = this.#parts;
    if (isDuration(lifetime) && tokenStore.token(this.version) !== undefined) expiry.hear(lifetime);
  }

  /** The link is of no more use, for a reason that is not its token. */
  #lose(code: string, more?: { reason: string; retryAfter: number }): void {
    this.isLost = true;
    const { version } = this;
    this.#tell({ type: "io.ended", link: this.#number, version, verdict: "retry", code, ...more });
  }

  #tellConnected(): void {
    this.#parts.clock.clearTimeout(this.#timer);
    this.#tell({ type: "io.connected", link: this.#number });
  }

  #tell(event: IoEvent): void {
    if (!this.#isOver) this.#parts.report(event);
  }

  /**
   * Asks the link something, in place of the last question of that kind. Resolves with its answer, which is missing where
   * the adapter throws; with nothing when it is asked anew meanwhile, or is over.
   */
  async #ask<Answer>(
    kind: number,
    time: number,
    onLate: () => void,
    ask: (link: Link, signal: AbortSignal) => Promise<Answer>,
  ): Promise<[answer?: Answer] | undefined> {
    this.#end(kind)?.abort();
    const controller = new AbortController();
    const wait = { controller, timer: this.#parts.clock.setTimeout(onLate, time) };
    this.#waits[kind] = wait;
    let said: [answer?: Answer] = [];
    try {
      if (this.link) said = [await ask(this.link, controller.signal)];
    } catch {
      // It cannot be asked.
    }
    if (this.#waits[kind] !== wait) return undefined;
    this.#end(kind);
    return said;
  }

  /** Waits no more; what the adapter does for it is to be aborted where it has not answered. */
  #end(kind: number): AbortController | undefined {
    const wait = this.#waits[kind];
    this.#waits[kind] = undefined;
    this.#parts.clock.clearTimeout(wait?.timer);
    return wait?.controller;
  }

  #silence(): void {
    this.#isOver = true;
    this.#parts.clock.clearTimeout(this.#timer);
    for (const kind of [TOKEN, READ]) this.#end(kind)?.abort();
  }
}
