import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import type { CommandEvent, IoEvent, TrafficCommand } from "../../machines/index.js";
import type { Clock } from "../clock.js";
import { isSame, type Owner, type Owners } from "../credential/owners.js";
import { ConnectionError, type ConnectionErrorCode } from "../errors.js";
import type { Link } from "../links/io-adapter.js";
import type { Log } from "../logger.js";
import type { Rotation } from "../options.js";
import type { Failures } from "../redaction/failures.js";
import type { Turn } from "../turn.js";
import { OVERFLOW } from "../words/messages.js";
import { Channel } from "./channel.js";
import type { Gate } from "./gate.js";
import type { Stamp, Stamped } from "./message.js";
import type { RotorSocket } from "./rotor-socket.js";

/** Answers with the one socket of each namespace. */
export type Sockets = <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
  namespace: string,
) => RotorSocket<Listen, Emit>;

interface Parts {
  /** The primary one. */
  readonly namespace: string;
  /** How many messages of a namespace may wait. */
  readonly bufferLimit: number;
  /** How long `emitWithAck` waits, in milliseconds. */
  readonly ackTimeout: number;
  readonly rotation: Rotation;
  /** Whether to connect as soon as it begins. */
  readonly autoConnect: boolean;
  /** Whether the credential is a cookie, which an error's advice goes by. */
  readonly isCookie: boolean;
  readonly gate: Pick<Gate, "mayWrite" | "mayReply" | "mayDeliver" | "isPaused" | "closed">;
  readonly owners: Pick<Owners, "current" | "ofToken" | "isExpected">;
  readonly failures: Pick<Failures, "note" | "recall" | "clean">;
  readonly turn: Turn;
  readonly clock: Clock;
  readonly log: Pick<Log, "warnOnce">;
  /** How many signals of a change were heard. */
  heard(): number;
  link(number: number): Link | undefined;
}

type Report = (event: CommandEvent | IoEvent) => void;

/** The application's sockets, one a namespace, all carried by the link that the statechart says is current. */
export class Traffic {
  /** The number of the current link; 0 for none. */
  link = 0;
  /** Whether a connection is wanted. */
  isActive = false;
  /** Why what is emitted is refused; `undefined` where it is not. */
  refusal: ConnectionErrorCode | undefined;
  readonly #channels = new Map<string, Channel>();
  readonly #primary: Channel;
  /** Takes what the statechart has to hear, while it runs. */
  #report: Report | undefined;
  /** What the application wants of a statechart that does not run. */
  #wanted: CommandEvent | undefined;
  /** Why what is emitted was refused when the statechart ended. */
  #refusalBefore: ConnectionErrorCode | undefined;
  /** The link that the statechart waits for to have brought every acknowledgement; 0 for none. */
  #finishing = 0;
  /** The statechart was stopped and may be started again: nothing that is emitted until then waits. */
  #isSuspended = false;
  #stamp: Stamp = { owner: {}, heard: 0 };

  constructor(readonly parts: Parts) {
    if (parts.autoConnect) this.#wanted = { type: "connect" };
    this.#primary = this.channel(parts.namespace);
  }

  /** Begins, or begins again; returns the function that ends it. */
  start(report: Report): () => void {
    this.#report = report;
    this.#isSuspended = false;
    if (this.refusal === "ERR_DISPOSED") this.refusal = this.#refusalBefore;
    if (this.#wanted) report(this.#wanted);
    this.#wanted = undefined;
    return () => {
      this.#report = undefined;
      this.#detach("io client disconnect");
    };
  }

  /** It may begin again: until then what waits is dropped at the end of each task. */
  suspend(): void {
    this.#isSuspended = true;
    this.#dropSuspended();
  }

  /** It has ended for good: drops what waits, and refuses what is emitted. */
  refuseAll(): void {
    this.#wanted = undefined;
    if (this.refusal !== "ERR_DISPOSED") this.#refusalBefore = this.refusal;
    this.#refuse("ERR_DISPOSED");
  }

  handle(command: TrafficCommand): void {
    const { gate, failures } = this.parts;
    const { type } = command;
    if (type === "start" || type === "stop") this.isActive = type === "start";
    else if (type === "attach" || type === "switch") this.#attach(command.link, type === "switch");
    else if (type === "drain") {
      this.#finishing = command.link;
      this.tellFinished();
    } else if (type === "finish") {
      this.#finishing = 0;
      this.#all((each) => each.finish());
    } else if (type === "detach") this.#detach(command.reason);
    else if (type === "pause" || type === "resume") {
      gate.isPaused = type === "pause";
      this.flush();
    } else if (type === "refuse") this.#refuse(command.code);
    else if (type === "accept") this.#refuse(undefined);
    else if (type === "renew") this.#all((each) => each.renew());
    else {
      const error = failures.recall(command.code);
      this.#all((each) => each.fail(error));
    }
  }

  /** The socket of a namespace, made at the first call. */
  readonly of: Sockets = <Listen extends EventsMap, Emit extends EventsMap>(
    namespace: string,
  ): RotorSocket<Listen, Emit> => this.channel(namespace).socket;

  /** The channel of a namespace, made at the first call. */
  channel(namespace: string): Channel {
    let channel = this.#channels.get(namespace);
    if (!channel) {
      channel = new Channel(namespace, this);
      this.#channels.set(namespace, channel);
      this.#join(channel);
    }
    return channel;
  }

  /** The namespaces that a link should join which opens now, the primary one first. */
  namespaces(link: number): readonly string[] {
    const wanted = [...this.#channels.values()].filter((each) => each.isWanted || each === this.#primary);
    for (const each of wanted) each.opening = link;
    return wanted.map(({ namespace }) => namespace);
  }

  /** Connects: for the primary namespace the whole connection, for another one this namespace of the current link. */
  connect(channel: Channel, isJoined: boolean): void {
    if (channel === this.#primary) this.#tell({ type: "connect" });
    else if (!isJoined) this.#join(channel);
  }

  /** Disconnects likewise. */
  disconnect(channel: Channel): void {
    if (channel !== this.#primary) {
      channel.leave();
      this.#leaveOpening(channel);
      return;
    }
    // Not active any more when the listeners of `disconnect` run, as in Socket.IO.
    this.isActive = false;
    this.parts.gate.closed = this.link;
    this.#tell({ type: "disconnect" });
  }

  /** What is put on a message that is made now. */
  get stamp(): Stamp {
    // It is being emitted, and waits until the end of the task.
    if (this.#isSuspended) queueMicrotask(() => this.#dropSuspended());
    const owner = this.parts.owners.current;
    const heard = this.parts.heard();
    // Many messages have the same one.
    if (this.#stamp.owner !== owner || this.#stamp.heard !== heard) this.#stamp = { owner, heard };
    return this.#stamp;
  }

  /** Whether it is of somebody who is about to sign in: then it is not refused. */
  isExpected({ stamp }: Stamped): boolean {
    return this.refusal !== "ERR_DISPOSED" && this.parts.owners.isExpected(stamp.owner);
  }

  /** The link before may not be needed any more. */
  tellFinished(): void {
    const link = this.#finishing;
    if (link === 0 || [...this.#channels.values()].some(({ isFinished }) => !isFinished)) return;
    this.#finishing = 0;
    this.#tell({ type: "io.settled", link });
  }

  /** More has come in than may wait: the link has to be closed. */
  overflow(): void {
    const code = this.parts.failures.note(new ConnectionError("ERR_DISCONNECTED", OVERFLOW), true);
    const reason = "transport error";
    this.#tell({ type: "io.ended", link: this.link, version: 0, verdict: "retry", code, reason });
  }

  /** The gate may be open: what waits leaves and comes in, as far as it lets it. */
  flush(): void {
    this.#all((each) => each.flush());
  }

  /** The current owner is certain: what waits of any other is dropped, and told. */
  dropOthers(): void {
    const { ofToken } = this.parts.owners;
    this.#drop(
      "ERR_IDENTITY_CHANGED",
      (made) => !isSame(made.stamp.owner, ofToken) && !this.isExpected(made),
    );
  }

  /** Nobody is signed in any more: everything that waits is dropped, and told, but for who is signing in. */
  dropAll(): void {
    this.#drop("ERR_LOGGED_OUT", (made) => !this.isExpected(made));
  }

  /** Drops what may be another user's: it was queued after so many signals of a change. */
  drop(after: number): void {
    this.#drop("ERR_IDENTITY_CHANGED", ({ stamp }) => stamp.heard > after, true);
  }

  /** These have not signed in after all: what waits of them is dropped, and told. */
  dropOf(gone: readonly Owner[], isGivenUp: boolean): void {
    this.#drop("ERR_IDENTITY_CHANGED", ({ stamp }) => gone.includes(stamp.owner), true);
    // Who was waited for is so no more.
    if (isGivenUp) this.#refuse(this.refusal);
  }

  #drop(code: ConnectionErrorCode, isMeant: (made: Stamped) => boolean, areRepliesMeant = false): void {
    this.#all(({ outbox }) => {
      if (areRepliesMeant) outbox.discardReplies(isMeant);
      outbox.discard(code, isMeant);
    });
  }

  #dropSuspended(): void {
    if (this.#isSuspended) this.#drop("ERR_DISPOSED", () => true);
  }

  /** Refuses what is emitted from now on, and drops what waits and would be refused. */
  #refuse(code: ConnectionErrorCode | undefined): void {
    this.refusal = code;
    if (code !== undefined) this.#drop(code, (made) => !this.isExpected(made));
  }

  #all(act: (each: Channel) => void): void {
    for (const each of [...this.#channels.values()]) act(each);
  }

  #tell(event: CommandEvent | IoEvent): void {
    if (this.#report) this.#report(event);
    else if (event.type === "connect" || event.type === "disconnect") this.#wanted = event;
  }

  #attach(number: number, isSwitch: boolean): void {
    const link = this.parts.link(number);
    this.link = link ? number : 0;
    this.#all((each) => {
      // One of the application's functions may have ended it.
      if (!link || this.link !== number) return;
      if (each.isWanted || each === this.#primary) {
        const socket = link.socket(each.namespace);
        if (isSwitch) each.switchTo(socket);
        else each.attach(socket);
      }
      // Left by one of them before there was a link to leave.
      else if (each.opening === number) this.#leaveOpening(each);
      if (each.opening === number) each.opening = 0;
    });
  }

  /** Joins a namespace on the current link. */
  #join(channel: Channel): void {
    const link = this.link === 0 ? undefined : this.parts.link(this.link);
    if (link) channel.attach(link.socket(channel.namespace));
  }

  /** The link that is opening was asked for a namespace that the application has left since. */
  #leaveOpening(channel: Channel): void {
    const link = this.parts.link(channel.opening);
    if (!link) return;
    link.socket(channel.namespace).leave();
    channel.opening = 0;
  }

  #detach(reason: string): void {
    this.link = this.#finishing = 0;
    this.#all((each) => each.detach(reason));
  }
}
