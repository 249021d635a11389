import type { IoEvent, LinksCommand, SessionWord, Verdict } from "../../machines/index.js";
import type { Clock } from "../clock.js";
import type { Expiry } from "../credential/expiry.js";
import type { TokenStore } from "../credential/token-store.js";
import type { Log } from "../logger.js";
import type { Failures } from "../redaction/failures.js";
import type { Gate, LinkOwner } from "../sockets/gate.js";
import type { Turn } from "../turn.js";
import type { IoAdapter, Recovery } from "./io-adapter.js";
import { OpenLink } from "./open-link.js";

/**
 * What a verdict comes to for the token of a version: `refresh` becomes `logout` where no refresh can help, and a session
 * that may still be on its way is asked for again.
 */
export type Policy = <V extends Verdict | "replace">(
  version: number,
  verdict: V,
  session: SessionWord | undefined,
) => V | Verdict;

type Headers = Readonly<Record<string, string>>;

/** What the links of one connection have in common. All times are milliseconds. */
export interface LinkParts {
  io: IoAdapter;
  gate: Pick<Gate, "token" | "isCertain">;
  tokenStore: TokenStore;
  expiry: Expiry;
  failures: Failures;
  clock: Clock;
  log: Log;
  policy: Policy;
  turn: Turn;
  isCookie: boolean;
  /** How long a server may take to accept a link. */
  timeout: number;
  drainTimeout: number;
  reauthenticateTimeout: number;
  /** The namespaces in use, which a link joins as it opens, the primary one first. */
  namespaces(link: number): readonly string[];
  auth(token: string): object;
  extraHeaders: ((token: string) => Headers) | undefined;
  report(event: IoEvent): void;
  /** A link has another transport. */
  onTransport(): void;
}

/** The open links by number. It opens, settles and closes what the statechart says, and passes on their reports. */
export type Links = ReturnType<typeof createLinks>;

export function createLinks(parts: Omit<LinkParts, "report">) {
  const open = new Map<number, OpenLink>();
  /** Links that were left: they only finish writing, and never beside a new one. */
  const leaving = new Set<OpenLink>();
  const common: LinkParts = { ...parts, report() {} };
  /** What the last lost link left behind for the next one of the same token. */
  let left: { version: number; recovery: Recovery | undefined } | undefined;

  const closeAll = (links: Map<number, OpenLink> | Set<OpenLink>): void => {
    for (const each of links.values()) each.close();
    links.clear();
  };

  /** Opens a link, which calls the application: that may end it meanwhile. */
  const order = (link: number, version: number): void => {
    const opened = new OpenLink(common, link, version);
    open.set(link, opened);
    parts.turn.call(() => {
      if (open.get(link) !== opened) return;
      closeAll(leaving);
      const offered = left?.version === version ? left.recovery : undefined;
      left = undefined;
      opened.open(offered);
    });
  };
  /** A link is closed, or left; only one that was lost leaves behind something to recover. */
  const remove = (link: number, opened: OpenLink, isLeft: boolean): void => {
    open.delete(link);
    if (isLeft) {
      leaving.add(opened);
      opened.leave(() => {
        leaving.delete(opened);
        opened.close();
      });
    } else {
      left = opened.isLost
        ? { version: opened.version, recovery: opened.link?.recovery() ?? opened.offered }
        : undefined;
      opened.close();
    }
  };

  return {
    /** Begins to report; returns the function that closes every link. */
    start(listener: (event: IoEvent) => void): () => void {
      common.report = listener;
      return () => {
        closeAll(open);
        closeAll(leaving);
      };
    },
    /** The storage was read. */
    applyNames(): void {
      for (const opened of open.values()) opened.applyName();
    },
    handle(command: LinksCommand): void {
      if (command.type === "abandon") closeAll(leaving);
      else if (command.type === "forget") left = undefined;
      else if (command.type === "open") order(command.link, command.version);
      else {
        const { type, link } = command;
        const opened = open.get(link);
        if (!opened) return;
        if (type === "check" || type === "settle") void opened[type]();
        else if (type === "reauthenticate")
          parts.turn.call(() => void opened.reauthenticate(command.version));
        else remove(link, opened, type === "leave");
      }
    },
    /** The link of a number, while it is open. */
    get: (link: number) => open.get(link)?.link,
    /** The name of its transport, where that is known. */
    transport: (link: number) => open.get(link)?.transport,
    /** Whose it is. */
    owner: (link: number): LinkOwner | undefined => open.get(link),
  };
}
