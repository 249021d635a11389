import type { Verdict } from "../../machines/index.js";
import { ConnectionError } from "../errors.js";
import type { Link, LinkEvent, LinkRequest, ReauthenticationAnswer, Recovery } from "../links/io-adapter.js";
import { classify, concernsLink, isNamespaceOnly } from "../links/refusals.js";
import { createFakeSocket, type FakeSocket } from "./fake-socket.js";

/** What a server half says of itself; left out, there is none. Durations are milliseconds. */
export interface FakeServerHalf {
  /** It takes another token on the same link. */
  reauthenticate?: boolean;
  /** How long the token still lives. */
  expiresIn?: number;
  /** Its own word for the user, the same for the same user. */
  identity?: string;
}

/** How a server answers to another token on the same link; `replace`: not on this one. */
export type FakeAnswer =
  | { ok: true; expiresIn?: number }
  | { ok: false; verdict: Verdict | "replace"; isOtherUser?: boolean; retryAfter?: number; word?: string };

/** What a client has presented: by default the `token`, otherwise what the `auth` option answered with. */
export interface FakeCredential {
  readonly token?: unknown;
  readonly [name: string]: unknown;
}

/**
 * What the fake server has seen, in order. `handshake` is the primary namespace's, `joined` another one's, by a
 * CONNECT of its own, refused or not.
 */
export type FakeLogEntry =
  | {
      type: "handshake";
      link: number;
      namespace: string;
      auth: FakeCredential;
      headers: Readonly<Record<string, string>>;
      recovery?: Recovery;
    }
  | { type: "joined"; link: number; namespace: string; auth: FakeCredential }
  | { type: "left"; link: number; namespace: string }
  | { type: "reauthentication"; link: number; auth: FakeCredential }
  | { type: "connected"; link: number }
  | { type: "message"; link: number; namespace: string; event: string; args: readonly unknown[] }
  | { type: "closed"; link: number };

/** What the server acknowledges an event with, by the arguments of the message. */
export type FakeAcknowledgement = (...args: readonly unknown[]) => unknown;

/** A link as the fake server sees it. */
export interface FakeLink {
  /** Its number. */
  readonly number: number;
  /** Whether the client has neither closed it nor lost it. */
  readonly isOpen: boolean;
  /** What the client presented last; `undefined` before the handshake. */
  readonly auth: FakeCredential | undefined;
  /** Takes the credential; needed only while `io.isHandshakeHeld`. Answers whether the client presents one. */
  present(): boolean;
  /** Accepts the handshake and says what its server half is like; `null` leaves that to `ready`. */
  accept(serverHalf?: FakeServerHalf | null): void;
  /** Says what its server half is like. */
  ready(serverHalf?: FakeServerHalf): void;
  /** Refuses the handshake, or the credential later on; `word` is the server's, such as `"session_required"`. */
  refuse(verdict: Verdict, retryAfter?: number, word?: string): void;
  /** Answers a re-authentication. */
  answer(given: FakeAnswer): void;
  /** The transport fails before the handshake is answered. */
  fail(): void;
  /**
   * Ends the connection for a reason of Socket.IO's, such as `"transport close"`; `word` is what the server says before
   * that, such as `"session_changed"`.
   */
  drop(reason?: string, verdict?: Verdict, retryAfter?: number, word?: string): void;
  /** Says that everything written was read; needed only while `io.isBarrierHeld`. */
  settle(): void;
  /** Whether there is something that `io.unanswered` has held back. */
  readonly isHoldingBack: boolean;
  /**
   * Acknowledges what `io.unanswered` has held back.
   *
   * @param values - What with; left out, what `io.answers` says, else the arguments of each message.
   * @throws `Error` when nothing of this link is held back: the message was not written yet, or its event is not in
   *   `io.unanswered`.
   */
  acknowledge(...values: unknown[]): void;
  /** Sends an event to the client. */
  send(event: string, ...args: unknown[]): void;
  /** The same in another namespace. */
  sendIn(namespace: string, event: string, ...args: unknown[]): void;
}

/** What the server of a link is told by the test. */
interface FakeServer {
  readonly isBarrierHeld: boolean;
  readonly isHandshakeHeld: boolean;
  readonly unanswered: ReadonlySet<string>;
  readonly answers: ReadonlyMap<string, FakeAcknowledgement>;
  readonly refusals: ReadonlyMap<string, string | undefined>;
}

export function openFakeLink(
  io: FakeServer,
  log: FakeLogEntry[],
  request: LinkRequest,
  report: (event: LinkEvent) => void,
  nextAnswer: () => ((link: FakeLink) => void) | undefined,
): { link: Link; server: FakeLink } {
  const number = request.link;
  const [primary = "/"] = request.namespaces;
  const sockets = new Map<string, FakeSocket>();
  let isOpen = true;
  let isConnected = false;
  let auth: FakeCredential | undefined;
  let onAnswered: ((answer: ReauthenticationAnswer) => void) | undefined;
  const settling = new Set<() => void>();
  const settle = (): void => {
    for (const resolve of [...settling]) resolve();
  };

  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    isConnected = false;
    log.push({ type: "closed", link: number });
    for (const socket of sockets.values()) socket.shut();
    settle();
  };

  /** Asks for what to send; `null` when there is nothing, or the client has thought better of it. */
  const ask = (): FakeCredential | null => {
    const credential = isOpen ? request.credential() : null;
    return isOpen && credential ? { ...credential } : null;
  };

  /** Sends the handshake, once. */
  const begin = (): boolean => {
    if (auth) return isOpen;
    const credential = ask();
    if (credential === null) return false;
    auth = credential;
    const { headers = {}, recovery } = request;
    log.push({
      type: "handshake",
      link: number,
      namespace: primary,
      auth,
      headers,
      ...(recovery && { recovery }),
    });
    return true;
  };

  /** Joins a further namespace, unless that is done. */
  const join = (namespace: string, socket: FakeSocket): void => {
    if (!isConnected || !socket.isWanted || socket.isConnected) return;
    const credential = namespace === primary ? auth : ask();
    if (!credential) return;
    if (namespace !== primary) log.push({ type: "joined", link: number, namespace, auth: credential });
    if (namespace !== primary && io.refusals.has(namespace)) queueMicrotask(() => refuse(namespace, socket));
    else socket.open();
  };

  /** Refuses a further namespace: that one alone, unless the word is about the token, the session or the server. */
  const refuse = (namespace: string, socket: FakeSocket): void => {
    if (!isConnected) return;
    const word = io.refusals.get(namespace);
    const { verdict } = classify({ message: "", data: { error: word } }, undefined);
    const error = new ConnectionError("ERR_REFUSED", `The fake server refused ${namespace}.`, saying(word));
    if (concernsLink(word, verdict)) server.refuse(verdict, undefined, word);
    else socket.refuse(error, isNamespaceOnly(word));
  };

  const socketOf = (namespace: string): FakeSocket => {
    const known = sockets.get(namespace);
    if (known) return known;
    const socket = createFakeSocket({
      id: `${number}${namespace}`,
      onMessage: ({ event, args }) => log.push({ type: "message", link: number, namespace, event, args }),
      onLeave: () => log.push({ type: "left", link: number, namespace }),
      isUnanswered: (event) => io.unanswered.has(event),
      answerTo({ event, args }) {
        const answerOf = io.answers.get(event);
        return answerOf ? [answerOf(...args)] : args;
      },
    });
    sockets.set(namespace, socket);
    return socket;
  };
  for (const namespace of request.namespaces) socketOf(namespace);

  const server: FakeLink = {
    number,
    get isOpen() {
      return isOpen;
    },
    get auth() {
      return auth;
    },
    present: begin,
    accept(serverHalf) {
      if (isConnected || !begin()) return;
      isConnected = true;
      log.push({ type: "connected", link: number });
      for (const [namespace, socket] of sockets) join(namespace, socket);
      // Asking for what to send may have closed it.
      if (!isOpen) return;
      report({ type: "connected" });
      if (serverHalf !== null) server.ready(serverHalf);
    },
    ready({ reauthenticate = false, expiresIn, identity } = {}) {
      if (!isOpen) return;
      report({
        type: "ready",
        reauthenticate,
        ...(expiresIn !== undefined && { expiresIn }),
        ...(identity !== undefined && { identity }),
      });
    },
    answer(given) {
      const resolve = onAnswered;
      onAnswered = undefined;
      if (given.ok) resolve?.(given);
      else {
        const { word, ...answered } = given;
        const message = `The fake server refused the token: ${given.verdict}.`;
        resolve?.({ ...answered, error: new ConnectionError("ERR_REFUSED", message, saying(word)) });
      }
    },
    refuse(verdict, retryAfter, word) {
      if (!isOpen || (!io.isHandshakeHeld && !begin())) return;
      const message = `The fake server refused the connection: ${verdict}.`;
      const error = new ConnectionError("ERR_REFUSED", message, saying(word));
      report({ type: "refused", verdict, error, ...retry(retryAfter) });
    },
    fail() {
      if (!isOpen) return;
      report({
        type: "failed",
        error: new ConnectionError("ERR_TRANSPORT", "The fake server could not be reached."),
      });
    },
    drop(reason = "transport close", verdict = "retry", retryAfter, word) {
      if (!isConnected) return;
      end();
      const message = `The fake server ended the connection: ${reason}.`;
      const error = new ConnectionError("ERR_DISCONNECTED", message, saying(word));
      report({ type: "disconnected", verdict, error, reason, ...retry(retryAfter) });
    },
    settle,
    get isHoldingBack() {
      return [...sockets.values()].some((socket) => socket.isHoldingBack);
    },
    acknowledge(...values) {
      const held = [...sockets.values()].filter(({ isHoldingBack }) => isHoldingBack);
      if (held.length === 0) {
        throw new Error(
          `acknowledge() of link ${number}: nothing is held back. A message is once it has been written, which is after the link is connected and the storage was read, and if its event is in io.unanswered.`,
        );
      }
      for (const socket of held) socket.acknowledge(values);
    },
    send: (event, ...args) => sockets.get(primary)?.deliver(event, args),
    sendIn: (namespace, event, ...args) => sockets.get(namespace)?.deliver(event, args),
  };

  const link: Link = {
    socket(namespace) {
      const socket = socketOf(namespace);
      socket.want();
      // Never within the call, as no server answers at once.
      queueMicrotask(() => join(namespace, socket));
      return socket;
    },
    reauthenticate(credential, signal) {
      auth = { ...credential };
      log.push({ type: "reauthentication", link: number, auth });
      return new Promise((resolve) => {
        onAnswered = resolve;
        signal.addEventListener("abort", () => {
          if (onAnswered === resolve) onAnswered = undefined;
        });
        queueMicrotask(() => {
          if (isOpen && onAnswered === resolve) nextAnswer()?.(server);
        });
      });
    },
    settle: (signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          settling.delete(done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        settling.add(done);
        signal.addEventListener("abort", done);
        if (!io.isBarrierHeld || !isOpen || signal.aborted) queueMicrotask(done);
      }),
    recovery: () => undefined,
    close: end,
  };
  return { link, server };
}

function saying(word: string | undefined): { reason?: string } {
  return word === undefined ? {} : { reason: word };
}

function retry(retryAfter: number | undefined): { retryAfter?: number } {
  return retryAfter === undefined ? {} : { retryAfter };
}
