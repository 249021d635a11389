import type { CommandEvent, IoEvent, TrafficCommand } from "../../machines/index.js";
import { isSame, type Owner, type Owners } from "../credential/owners.js";
import { ConnectionError, type ConnectionErrorCode } from "../errors.js";
import type { Link, LinkSocket } from "../links/io-adapter.js";
import type { Failures } from "../redaction/failures.js";
import { OVERFLOW } from "../words/messages.js";
import { Channel } from "./channel.js";
import type { Gate } from "./gate.js";
import type { Stamped } from "./message.js";
import type { Common } from "./outbox.js";

/** The application's sockets, one a namespace, all carried by the link that the statechart says is current. */
export interface Traffic {
  /** Begins, or begins again; returns the function that ends it. */
  start(report: (event: CommandEvent | IoEvent) => void): () => void;
  /** It may begin again: until then what waits is dropped at the end of each task. */
  suspend(): void;
  /** It has ended for good: drops what waits, and refuses what is emitted. */
  refuseAll(): void;
  obey(command: TrafficCommand): void;
  /** Drops what may be another user's: it was queued after so many signals of a change. */
  drop(after: number): void;
  /** The channel of a namespace, made at the first call. */
  channel(namespace: string): Channel;
  /** The number of the current link; 0 for none. */
  readonly link: number;
  /** The namespaces that a link should join which opens now, the primary one first. */
  namespaces(link: number): readonly string[];
  /** The gate may be open: what waits leaves and comes in, as far as it lets it. */
  flush(): void;
  /** The current owner is certain: what waits of any other is dropped, and told. */
  dropOthers(): void;
  /** Nobody is signed in any more: everything that waits is dropped, and told, but for who is signing in. */
  dropAll(): void;
  /** These have not signed in after all: what waits of them is dropped, and told. */
  dropOf(gone: readonly Owner[], isGivenUp: boolean): void;
}

interface Parts extends Pick<Common, "bufferLimit" | "gate" | "isCookie" | "heard" | "turn"> {
  primary: string;
  /** Whether to connect as soon as it begins. */
  isConnecting: boolean;
  gate: Gate;
  owners: Owners;
  link(number: number): Link | undefined;
  failures: Failures;
}

export function createTraffic(parts: Parts): Traffic {
  const { primary, gate, owners, link, failures } = parts;
  const channels = new Map<string, Channel>();
  /** What the application wants of a statechart that does not run. */
  let wanted: CommandEvent | undefined = parts.isConnecting ? { type: "connect" } : undefined;
  const keep = (event: CommandEvent | IoEvent): void => {
    if (event.type === "connect" || event.type === "disconnect") wanted = event;
  };
  let report = keep;
  /** Why what is emitted was refused when the statechart ended. */
  let refusalBefore: ConnectionErrorCode | undefined;
  let current: Link | undefined;
  /** The namespaces that a link was asked to join which is not current yet. */
  let requested = new Set<string>();
  /** That link. */
  let opening = 0;
  /** The link that the statechart waits for to have brought every acknowledgement; 0 for none. */
  let finishing = 0;
  /** The statechart was stopped and may be started again: nothing that is emitted until then waits. */
  let isSuspended = false;

  const all = (act: (each: Channel) => void): void => {
    for (const each of [...channels.values()]) act(each);
  };
  const dropSuspended = (): void => {
    if (isSuspended) all(({ outbox }) => outbox.discard("ERR_DISPOSED", () => true));
  };
  const tellFinished = (): void => {
    if (finishing === 0 || [...channels.values()].some(({ isFinished }) => !isFinished)) return;
    const finished = finishing;
    finishing = 0;
    report({ type: "io.settled", link: finished });
  };
  const common: Common = {
    ...parts,
    heard() {
      // It is being emitted, and waits until the end of the task.
      if (isSuspended) queueMicrotask(dropSuspended);
      return parts.heard();
    },
    current: 0,
    isActive: false,
    refusal: undefined,
    connect(namespace) {
      const each = channel(namespace);
      if (namespace === primary) report({ type: "connect" });
      else if (current && !each.isJoined) each.attach(current.socket(namespace));
    },
    disconnect(namespace) {
      if (namespace !== primary) {
        channel(namespace).leave();
        leaveOpening(namespace);
        return;
      }
      // Not active any more when the listeners of `disconnect` run, as in Socket.IO.
      common.isActive = false;
      gate.close(common.current);
      report({ type: "disconnect" });
    },
    onFinished: tellFinished,
    onOverflow() {
      const code = failures.note(new ConnectionError("ERR_DISCONNECTED", OVERFLOW), true);
      const reason = "transport error";
      report({ type: "io.ended", link: common.current, version: 0, verdict: "retry", code, reason });
    },
  };
  const refuse = (code: ConnectionErrorCode | undefined): void => {
    common.refusal = code;
    all(({ outbox }) => outbox.discardRefused());
  };
  const dropOf = (isMeant: (made: Stamped) => boolean): void =>
    all(({ outbox }) => {
      outbox.discardReplies(isMeant);
      outbox.discard("ERR_IDENTITY_CHANGED", isMeant);
    });
  const flush = (): void => all((each) => each.flush());
  const detach = (reason: string): void => {
    current = undefined;
    finishing = 0;
    all((each) => each.detach(reason));
  };
  /** The link that is opening was asked for a namespace that the application has left since. */
  const leaveOpening = (namespace: string): void => {
    const socket = requested.has(namespace) ? link(opening)?.socket(namespace) : undefined;
    if (!socket) return;
    requested.delete(namespace);
    socket.leave();
  };
  const attach = (next: number, follow: (channel: Channel, socket: LinkSocket) => void): void => {
    common.current = next;
    current = link(next);
    for (const [namespace, each] of [...channels]) {
      if (!current) return;
      if (each.isWanted || namespace === primary) follow(each, current.socket(namespace));
      // Left by one of the application's functions before there was a link to leave.
      else if (next === opening) leaveOpening(namespace);
    }
    if (next === opening) requested = new Set();
  };
  const channel = (namespace: string): Channel => {
    const known = channels.get(namespace);
    if (known) return known;
    const made = new Channel(namespace, common);
    channels.set(namespace, made);
    if (current) made.attach(current.socket(namespace));
    return made;
  };
  channel(primary);
  return {
    start(listener) {
      report = listener;
      isSuspended = false;
      if (common.refusal === "ERR_DISPOSED") common.refusal = refusalBefore;
      if (wanted) listener(wanted);
      wanted = undefined;
      return () => {
        report = keep;
        detach("io client disconnect");
      };
    },
    suspend() {
      isSuspended = true;
      dropSuspended();
    },
    refuseAll() {
      wanted = undefined;
      if (common.refusal !== "ERR_DISPOSED") refusalBefore = common.refusal;
      refuse("ERR_DISPOSED");
    },
    obey(command) {
      switch (command.type) {
        case "start":
        case "stop":
          common.isActive = command.type === "start";
          return;
        case "attach":
          return attach(command.link, (each, socket) => each.attach(socket));
        case "switch":
          return attach(command.link, (each, socket) => each.switchTo(socket));
        case "drain":
          finishing = command.link;
          return tellFinished();
        case "finish":
          finishing = 0;
          return all((each) => each.finish());
        case "detach":
          return detach(command.reason);
        case "pause":
          gate.pause(command.isIncomingToo);
          return flush();
        case "resume":
          gate.resume();
          return flush();
        case "refuse":
          return refuse(command.code);
        case "accept":
          return refuse(undefined);
        case "renew":
          return all((each) => each.renew());
        case "fail": {
          const error = failures.recall(command.code);
          return all((each) => each.fail(error));
        }
      }
    },
    drop: (after) => dropOf(({ stamp }) => stamp.heard > after),
    channel,
    get link() {
      return current ? common.current : 0;
    },
    flush,
    dropOthers() {
      const isOther = ({ stamp: { owner } }: Stamped): boolean =>
        !isSame(owner, owners.ofToken) && !owners.isExpected(owner);
      all(({ outbox }) => outbox.discard("ERR_IDENTITY_CHANGED", isOther));
    },
    dropAll: () =>
      all(({ outbox }) => outbox.discard("ERR_LOGGED_OUT", ({ stamp }) => !owners.isExpected(stamp.owner))),
    dropOf(gone, isGivenUp) {
      dropOf(({ stamp }) => gone.includes(stamp.owner));
      // Who was waited for is so no more.
      if (isGivenUp) refuse(common.refusal);
    },
    namespaces(next) {
      opening = next;
      const wanted = [...channels].filter(([name, each]) => name === primary || each.isWanted);
      requested = new Set(wanted.map(([name]) => name));
      return [...requested];
    },
  };
}
