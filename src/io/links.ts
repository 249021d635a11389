import type { IoEvent, LinksCommand } from "../../machines/index.js";
import type { Clock } from "../clock.js";
import { ConnectionError } from "../errors.js";
import type { Failures } from "../failures.js";
import type { TokenSource } from "../storage/token-source.js";
import type { Vault } from "../storage/vault.js";
import type { IoAdapter, Link, LinkEvent, LinkRequest, Recovery } from "./io-adapter.js";

/** The open links by number. It opens, settles and closes what the statechart says, and passes on their reports. */
export interface Links {
  /** Begins to report; returns the function that closes every link. */
  start(report: (event: IoEvent) => void): () => void;
  obey(command: LinksCommand): void;
  /** The link of a number, while it is open. */
  get(link: number): Link | undefined;
  /** Whether the token that a link was opened with is still in force. */
  isInForce(link: number): boolean;
  /** Whether the token in force, if it is another one, belongs to the same user as the link's. */
  isOfUser(link: number): boolean;
}

interface Parts {
  io: IoAdapter;
  /** The namespaces in use, the primary one first. */
  namespaces(): readonly string[];
  auth(token: string): object;
  extraHeaders: ((token: string) => Readonly<Record<string, string>>) | undefined;
  source: TokenSource;
  vault: Vault;
  failures: Failures;
  clock: Clock;
  drainTimeout: number;
}

interface OpenLink {
  epoch: number;
  identity: number;
  /** What was offered for recovery: still to be offered to the next link, if this one never connects. */
  offered: Recovery | undefined;
  link: Link;
  settling: AbortController;
}

export function createLinks(parts: Parts): Links {
  const { io, source, vault, failures, clock } = parts;
  const open = new Map<number, OpenLink>();
  /** Links that were left: they only finish writing, and never beside a new one. */
  const leaving = new Set<OpenLink>();
  let report: (event: IoEvent) => void = () => {};
  let isEnded = false;
  /** What the last dropped link left behind for the next one of the same token. */
  let recovery: Recovery | undefined;

  const end = ({ link, settling }: OpenLink): void => {
    settling.abort();
    link.close();
  };
  const endLeaving = (): void => {
    for (const left of leaving) end(left);
    leaving.clear();
  };

  const fail = (link: number, error: ConnectionError): void =>
    report({ type: "io.failed", link, code: failures.note(error) });

  /** Calls one of the application's functions; when it throws, the link has failed, and the answer is `null`. */
  const ask = <T>(link: number, name: string, call: () => T): T | null => {
    try {
      const made = call();
      if (isPlain(made)) return made;
      const message = `The "${name}" function must answer with an object, and at once: no promise, no array, no other value.`;
      fail(link, new ConnectionError("ERR_CREDENTIAL", message));
      return null;
    } catch (thrown) {
      const message = `The "${name}" function threw, so that there is nothing to connect with.`;
      fail(link, new ConnectionError("ERR_CREDENTIAL", message, { cause: vault.redactError(thrown) }));
      return null;
    }
  };

  const pass = (link: number, event: LinkEvent): void => {
    if (event.type === "connected") {
      report({ type: "io.connected", link });
      return;
    }
    const code = failures.note(event.error);
    const retryAfter =
      "retryAfter" in event && event.retryAfter !== undefined ? { retryAfter: event.retryAfter } : {};
    if (event.type === "failed") report({ type: "io.failed", link, code });
    else if (event.type === "refused") {
      report({ type: "io.refused", link, verdict: event.verdict, code, ...retryAfter });
    } else {
      const { verdict, reason } = event;
      report({ type: "io.disconnected", link, verdict, code, reason, ...retryAfter });
    }
  };

  const openLink = (link: number, epoch: number, isRecovery: boolean): void => {
    endLeaving();
    const offered = isRecovery ? recovery : undefined;
    recovery = undefined;
    // A change that is found here is reported, and the statechart starts over.
    if (!source.isCurrent()) return;
    const token = vault.token(epoch);
    if (token === undefined) return;
    const settling = new AbortController();
    const headers = parts.extraHeaders
      ? ask(link, "extraHeaders", () => parts.extraHeaders?.(token))
      : undefined;
    // The application's function may have disposed of everything.
    if (headers === null || isEnded) return;
    const request: LinkRequest = {
      link,
      credential() {
        if (settling.signal.aborted || !source.isCurrent()) return null;
        const current = vault.token(epoch);
        return current === undefined ? null : ask(link, "auth", () => parts.auth(current));
      },
      namespaces: parts.namespaces(),
      ...(headers && { headers }),
      ...(offered && { recovery: offered }),
    };
    try {
      const opened = io.open(request, (event) => {
        if (open.has(link)) pass(link, event);
      });
      open.set(link, { epoch, identity: vault.identity, offered, link: opened, settling });
    } catch (thrown) {
      const cause = vault.redactError(thrown);
      fail(
        link,
        new ConnectionError("ERR_TRANSPORT", "The IO adapter threw instead of opening a link.", { cause }),
      );
    }
  };

  const settle = (opened: OpenLink): Promise<void> => {
    const timer = clock.setTimeout(() => opened.settling.abort(), parts.drainTimeout);
    const { signal } = opened.settling;
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    return Promise.race([opened.link.settle(signal).catch(() => {}), aborted]).finally(() =>
      clock.clearTimeout(timer),
    );
  };

  const obey = (command: LinksCommand): void => {
    if (command.type === "abandon") {
      endLeaving();
      return;
    }
    if (command.type === "open") {
      openLink(command.link, command.epoch, command.isRecovery);
      return;
    }
    const opened = open.get(command.link);
    if (!opened) return;
    if (command.type === "settle") {
      void settle(opened).then(() => {
        if (open.has(command.link)) report({ type: "io.settled", link: command.link });
      });
      return;
    }
    open.delete(command.link);
    if (command.type === "close") {
      recovery = opened.link.recovery() ?? opened.offered;
      end(opened);
      return;
    }
    leaving.add(opened);
    void settle(opened).then(() => {
      if (leaving.delete(opened)) end(opened);
    });
  };

  return {
    start(listener) {
      report = listener;
      isEnded = false;
      return () => {
        isEnded = true;
        report = () => {};
        for (const opened of open.values()) end(opened);
        open.clear();
        endLeaving();
      };
    },
    obey,
    get: (link) => open.get(link)?.link,
    isOfUser: (link) => vault.hasToken && vault.identity === open.get(link)?.identity,
    isInForce: (link) => vault.token(open.get(link)?.epoch ?? 0) !== undefined,
  };
}

/** Whether something can be sent as it is: an object, and neither an array nor a promise of one. */
function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("then" in value);
}
