import type { CommandEvent, IoEvent, TrafficCommand } from "../../machines/index.js";
import { isSame, type Owner, type Owners } from "../credential/owners.js";
import { ConnectionError, type ConnectionErrorCode } from "../errors.js";
import type { Failures } from "../failures.js";
import { OVERFLOW } from "../links/held.js";
import type { Link, LinkSocket } from "../links/io-adapter.js";
import type { Turn } from "../turn.js";
import { Channel } from "./channel.js";
import type { Gate } from "./gate.js";

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

interface Parts {
  primary: string;
  bufferLimit: number;
  /** Whether to connect as soon as it begins. */
  isConnecting: boolean;
  gate: Gate;
  owners: Owners;
  isCookie: boolean;
  /** How many signals of a change were heard. */
  heard(): number;
  link(number: number): Link | undefined;
  failures: Failures;
  turn: Turn;
}

export function createTraffic(parts: Parts): Traffic {
  const { primary, bufferLimit, gate, owners, isCookie, heard, link, failures, turn } = parts;
  const channels = new Map<string, Channel>();
  /** What the application wants of a statechart that does not run. */
  let wanted: CommandEvent | undefined = parts.isConnecting ? { type: "connect" } : undefined;
  const keep = (event: CommandEvent | IoEvent): void => {
    if (event.type === "connect" || event.type === "disconnect") wanted = event;
  };
  let report = keep;
  let current: Link | undefined;
  let number = 0;
  /** The namespaces that a link was asked to join which is not in force yet. */
  let requested = new Set<string>();
  /** That link. */
  let opening = 0;
  /** The link that the statechart waits for to have brought everything that is due; 0 for none. */
  let finishing = 0;
  /** What a channel that is made later has to be told. */
  let isActive = false;
  let refusal: ConnectionErrorCode | undefined;
  let isSuspended = false;
  const dropSuspended = (): void => {
    if (isSuspended) all((each) => each.discard("ERR_DISPOSED"));
  };

  const channel = (namespace: string): Channel => {
    const known = channels.get(namespace);
    if (known) return known;
    const isPrimary = namespace === primary;
    const made: Channel = new Channel({
      bufferLimit,
      isCookie,
      turn,
      stamp() {
        if (isSuspended) queueMicrotask(dropSuspended);
        return { owner: owners.current, heard: heard() };
      },
      isExpected: owners.isExpected,
      mayWrite: (owner) => gate.mayWrite(number, owner),
      mayReply: () => gate.mayReply(number),
      mayDeliver: () => gate.mayDeliver(number),
      connect() {
        if (isPrimary) report({ type: "connect" });
        else if (current && !made.isJoined) made.attach(current.socket(namespace));
      },
      disconnect() {
        if (!isPrimary) {
          made.leave();
          leaveOpening(namespace);
        } else {
          // Not active any more when the listeners of `disconnect` run, as in Socket.IO.
          setActive(false);
          gate.close(number);
          report({ type: "disconnect" });
        }
      },
      onFinished: () => tellFinished(),
      onOverflow() {
        const code = failures.note(new ConnectionError("ERR_DISCONNECTED", OVERFLOW), true);
        report({ type: "io.disconnected", link: number, verdict: "retry", code, reason: "transport error" });
      },
      clean: (error) => failures.clean(error),
    });
    channels.set(namespace, made);
    made.setActive(isActive);
    made.refuse(refusal);
    if (current) made.attach(current.socket(namespace));
    return made;
  };
  channel(primary);

  const all = (act: (each: Channel) => void): void => {
    for (const each of [...channels.values()]) act(each);
  };
  const tellFinished = (): void => {
    if (finishing === 0 || [...channels.values()].some(({ isFinished }) => !isFinished)) return;
    const finished = finishing;
    finishing = 0;
    report({ type: "io.settled", link: finished });
  };
  const setActive = (next: boolean): void => {
    isActive = next;
    all((each) => each.setActive(next));
  };
  const refuse = (code: ConnectionErrorCode | undefined): void => {
    refusal = code;
    all((each) => each.refuse(code));
  };
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
    number = next;
    current = link(next);
    for (const [namespace, each] of [...channels]) {
      if (!current) return;
      if (each.isWanted || namespace === primary) follow(each, current.socket(namespace));
      // Left by one of the application's functions before there was a link to leave.
      else if (next === opening) leaveOpening(namespace);
    }
    if (next === opening) requested = new Set();
  };

  return {
    start(listener) {
      report = listener;
      isSuspended = false;
      all((each) => each.refuse(refusal));
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
      all((each) => each.refuse("ERR_DISPOSED"));
    },
    obey(command) {
      switch (command.type) {
        case "start":
        case "stop":
          return setActive(command.type === "start");
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
    drop: (after) => all((each) => each.discardOf(({ heard }) => heard > after)),
    channel,
    get link() {
      return current ? number : 0;
    },
    flush,
    dropOthers: () =>
      all((each) =>
        each.discard(
          "ERR_IDENTITY_CHANGED",
          ({ owner }) => !isSame(owner, owners.ofToken) && !owners.isExpected(owner),
        ),
      ),
    dropAll: () => all((each) => each.discard("ERR_LOGGED_OUT", ({ owner }) => !owners.isExpected(owner))),
    dropOf(gone, isGivenUp) {
      all((each) => each.discardOf(({ owner }) => gone.includes(owner)));
      // Who was waited for is so no more.
      if (isGivenUp && refusal !== undefined) refuse(refusal);
    },
    namespaces(next) {
      opening = next;
      const wanted = [...channels].filter(([name, each]) => name === primary || each.isWanted);
      requested = new Set(wanted.map(([name]) => name));
      return [...requested];
    },
  };
}
