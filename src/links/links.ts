import type { IoEvent, LinksCommand } from "../../machines/index.js";
import type { ConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import type { LinkOwner } from "../sockets/gate.js";
import type { Turn } from "../turn.js";
import { isPromise } from "../value.js";
import { sessionOf } from "./classify.js";
import type { IoAdapter, Link, LinkEvent, LinkRequest, Recovery } from "./io-adapter.js";
import { readEvent } from "./read-report.js";
import { type AskedLink, createRoundTrips, type RoundTripParts } from "./round-trips.js";

/** The open links by number. It opens, settles and closes what the statechart says, and passes on their reports. */
export interface Links {
  /** Begins to report; returns the function that closes every link. */
  start(report: (event: IoEvent) => void): () => void;
  obey(command: LinksCommand): void;
  /** The link of a number, while it is open. */
  get(link: number): Link | undefined;
  /** The name of its transport, where that is known. */
  transport(link: number): string | undefined;
  /** Whose the link of a number is, while it is open. */
  owner(link: number): LinkOwner | undefined;
}

interface Parts extends RoundTripParts {
  io: IoAdapter;
  /** How long a server may take to accept a link, in milliseconds. */
  timeout: number;
  /** The namespaces in use, which a link joins as it opens, the primary one first. */
  namespaces(link: number): readonly string[];
  auth(token: string): object;
  extraHeaders: ((token: string) => Headers) | undefined;
  isCookie: boolean;
  /** A link has another transport. */
  onTransport(): void;
  log: Log;
  turn: Turn;
}

type Headers = Readonly<Record<string, string>>;

interface OpenLink extends AskedLink, LinkOwner {
  /** Its server has accepted it. */
  isAccepted: boolean;
  transport: string | undefined;
  /** What the server said of itself before the link was connected. */
  early: ReadyEvent | undefined;
  /** Whether it has said so since. */
  isReady: boolean;
  /** What is to be offered for recovery: by the next link, if this one never gets to it. */
  offer: { recovery: Recovery | undefined };
}

type ReadyEvent = Extract<LinkEvent, { type: "ready" }>;

export function createLinks(parts: Parts): Links {
  const { io, gate, vault, expiry, failures, policy, clock, turn } = parts;
  const { owners } = vault;
  const open = new Map<number, OpenLink>();
  /** The numbers of links that are to be opened, or are just being opened, which calls the application. */
  const ordered = new Set<number>();
  /** What ends the wait for a server to accept a link. */
  const timers = new Map<number, unknown>();
  /** Links that were left: they only finish writing, and never beside a new one. */
  const leaving = new Set<OpenLink>();
  let report: (event: IoEvent) => void = () => {};
  /** What the last lost link left behind for the next one of the same token. */
  let left: { version: number; recovery: Recovery | undefined } | undefined;

  const stopAsking = ({ asking, checking }: OpenLink): void => {
    asking?.abort();
    checking?.abort();
  };
  const end = (opened: OpenLink): void => {
    if (opened.isAccepted && !opened.isReady) owners.lose(opened.owner);
    opened.settling.abort();
    stopAsking(opened);
    opened.link.close();
  };
  const endLeaving = (): void => {
    for (const each of leaving) end(each);
    leaving.clear();
  };
  const stopTimer = (link: number): void => {
    clock.clearTimeout(timers.get(link));
    timers.delete(link);
  };
  /** The link is of no more use, for a reason that is not its token. */
  const lose = (link: number, code: string): void => {
    const lost = open.get(link);
    if (lost) lost.isLost = true;
    report({ type: "io.ended", link, version: lost?.epoch ?? vault.epoch, verdict: "retry", code });
  };
  const startTimer = (link: number): void => {
    timers.set(
      link,
      clock.setTimeout(() => {
        stopTimer(link);
        lose(link, "ERR_CONNECT_TIMEOUT");
      }, parts.timeout),
    );
  };
  const fail = (link: number, error: ConnectionError): void => lose(link, failures.note(error, true));

  /** Calls one of the application's functions; when it throws, the link has failed, and the answer is `null`. */
  const ask = <T>(link: number, name: string, call: () => T): T | null => {
    try {
      const made = call();
      if (isPlain(made)) return made;
      const error = failures.make(
        "ERR_CREDENTIAL",
        `The "${name}" function must answer with an object, and at once: no promise, no array, no other value.`,
      );
      fail(link, error);
      return null;
    } catch (thrown) {
      const error = failures.make(
        "ERR_CREDENTIAL",
        `The "${name}" function threw, so that there is nothing to connect with.`,
        { cause: thrown },
      );
      fail(link, error);
      return null;
    }
  };

  const headersOf = (link: number, token: string): Headers | null | undefined => {
    const { extraHeaders } = parts;
    return extraHeaders && ask(link, "extraHeaders", () => extraHeaders(token));
  };

  /** The user of a link is certain: only now is it connected. */
  const accept = (link: number, opened: OpenLink): void => {
    if (opened.isCertain) return;
    opened.isCertain = true;
    reportConnected(link);
  };
  const reportConnected = (link: number): void => {
    stopTimer(link);
    report({ type: "io.connected", link });
  };

  const passReady = (
    link: number,
    opened: OpenLink,
    { reauthenticate, expiresIn, identity }: ReadyEvent,
  ): void => {
    if (parts.isCookie && identity === undefined) warnOfNoName(parts.log);
    // The session may be another user's by now: that is found here, and ends this link.
    if (parts.isCookie && gate.token(opened.epoch) === undefined && open.get(link) !== opened) return;
    opened.isReady = true;
    opened.owner = owners.name(opened.owner, identity);
    accept(link, opened);
    // A listener may have ended it.
    if (open.get(link) !== opened) return;
    if (expiresIn !== undefined && vault.token(opened.epoch) !== undefined) expiry.hear(expiresIn);
    report({ type: "io.ready", link, reauthenticate });
  };

  const pass = (link: number, opened: OpenLink, reported: LinkEvent): void => {
    const event = readEvent(reported);
    if (event.type === "ready") {
      if (opened.isAccepted) passReady(link, opened, event);
      else opened.early = event;
      return;
    }
    if (event.type === "connected") {
      opened.isAccepted = true;
      // Where only the server can say whose it is, it is about to.
      if (opened.isCertain) reportConnected(link);
      if (opened.early) passReady(link, opened, opened.early);
      return;
    }
    const code = failures.note(event.error);
    if (event.type === "failed") {
      lose(link, code);
      return;
    }
    const said = sessionOf(failures.recall(code));
    const verdict = policy(opened.epoch, event.verdict, said.session);
    opened.isLost = verdict === "retry";
    report({
      type: "io.ended",
      link,
      version: opened.epoch,
      verdict,
      code,
      ...(event.type === "disconnected" && { reason: vault.mask(event.reason) }),
      ...retryAfterOf(event),
      ...said,
    });
  };

  const openLink = (link: number, epoch: number): void => {
    endLeaving();
    const offered = left?.version === epoch ? left.recovery : undefined;
    const offer = { recovery: offered };
    left = undefined;
    // A change that is found here is reported, and the statechart starts over.
    const token = gate.token(epoch);
    if (token === undefined) return;
    const settling = new AbortController();
    const headers = headersOf(link, token);
    // The application's function may have ended this link, or everything.
    if (headers === null || !ordered.has(link) || vault.token(epoch) === undefined) return;
    const request: LinkRequest = {
      link,
      credential() {
        if (settling.signal.aborted) return null;
        // A link that was re-authenticated joins further namespaces with the token that it has now.
        const current = gate.token(open.get(link)?.epoch ?? epoch);
        const credential = current === undefined ? null : ask(link, "auth", () => parts.auth(current));
        // The application's function may have ended this link, or signed somebody else in.
        if (credential === null || settling.signal.aborted || vault.token(vault.epoch) !== current)
          return null;
        // It is presented along with this. Where no answer comes, it may be the reason.
        offer.recovery = undefined;
        return credential;
      },
      namespaces: parts.namespaces(link),
      ...(headers && { headers }),
      ...(offered && { recovery: offered }),
    };
    /** What was reported before there was a link to report of. */
    let due: LinkEvent[] | undefined = [];
    try {
      const opened = io.open(request, (event) => {
        if (due) {
          due.push(event);
          return;
        }
        const reporting = open.get(link);
        if (reporting) pass(link, reporting, event);
      });
      open.set(link, {
        epoch,
        owner: owners.ofToken,
        isCertain: owners.isKnown,
        isAccepted: false,
        transport: undefined,
        early: undefined,
        isReady: false,
        asking: undefined,
        checking: undefined,
        offer,
        isLost: false,
        link: opened,
        settling,
      });
      const early = due;
      due = undefined;
      // The application's functions may have ended this link, or everything.
      if (!ordered.has(link)) {
        open.delete(link);
        opened.close();
        return;
      }
      opened.watchTransport?.((name) => {
        const watched = open.get(link);
        if (!watched) return;
        watched.transport = name;
        parts.onTransport();
      });
      for (const event of early) {
        const reporting = open.get(link);
        if (reporting) pass(link, reporting, event);
      }
    } catch (thrown) {
      const error = failures.make("ERR_TRANSPORT", "The IO adapter threw instead of opening a link.", {
        cause: thrown,
      });
      fail(link, error);
    }
  };

  const { reauthenticate, check, settle } = createRoundTrips({
    ...parts,
    credential: (link, token) => ask(link, "auth", () => parts.auth(token)),
    headers: headersOf,
    report: (event) => report(event),
  });

  const obey = (command: LinksCommand): void => {
    if (command.type === "abandon") {
      endLeaving();
      return;
    }
    if (command.type === "forget") {
      left = undefined;
      return;
    }
    if (command.type === "open") {
      const { link, version } = command;
      ordered.add(link);
      startTimer(link);
      turn.call(() => {
        if (!ordered.has(link)) return;
        openLink(link, version);
        ordered.delete(link);
      });
      return;
    }
    ordered.delete(command.link);
    if (command.type === "close" || command.type === "leave") stopTimer(command.link);
    const opened = open.get(command.link);
    if (!opened) return;
    if (command.type === "reauthenticate") {
      turn.call(() => {
        if (open.get(command.link) === opened) void reauthenticate(command.link, opened, command.version);
      });
      return;
    }
    if (command.type === "check") {
      void check(command.link, opened);
      return;
    }
    if (command.type === "settle") {
      void settle(opened).then(() => {
        if (open.has(command.link)) report({ type: "io.settled", link: command.link });
      });
      return;
    }
    open.delete(command.link);
    if (command.type === "close") {
      left = opened.isLost
        ? { version: opened.epoch, recovery: opened.link.recovery() ?? opened.offer.recovery }
        : undefined;
      end(opened);
      return;
    }
    stopAsking(opened);
    leaving.add(opened);
    void settle(opened).then(() => {
      if (leaving.delete(opened)) end(opened);
    });
  };

  return {
    start(listener) {
      report = listener;
      return () => {
        ordered.clear();
        for (const link of [...timers.keys()]) stopTimer(link);
        report = () => {};
        for (const opened of open.values()) end(opened);
        open.clear();
        endLeaving();
      };
    },
    obey,
    get: (link) => open.get(link)?.link,
    transport: (link) => open.get(link)?.transport,
    owner: (link) => open.get(link),
  };
}

function warnOfNoName(log: Log): void {
  log.warnOnce(
    "unnamed-session",
    "The server does not name the user of a session, so queued messages are dropped when the session changes, and its end may go unnoticed. Use shareSession() on the server.",
  );
}

/** The time to stay away that the server asked for, where it did. */
function retryAfterOf(event: object): { retryAfter?: number } {
  const { retryAfter }: { retryAfter?: number } = event;
  return retryAfter === undefined ? {} : { retryAfter };
}

/** Whether something can be sent as it is: an object, and neither an array nor a promise of one. */
function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isPromise(value);
}
