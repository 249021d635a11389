import type { Verdict } from "../../machines/index.js";
import { ConnectionError } from "../errors.js";
import type {
  IoAdapter,
  Link,
  LinkEvent,
  LinkRequest,
  LinkSocket,
  LinkSocketListener,
  Message,
  ReauthenticationAnswer,
  Recovery,
} from "../io/io-adapter.js";

/** How the fake server answers a handshake. */
export type FakeBehaviour = (link: FakeLink) => void;

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
  | { ok: false; verdict: Verdict | "replace"; isOtherUser?: boolean; retryAfter?: number };

/** Answers a re-authentication. */
export const answer =
  (given: FakeAnswer): FakeBehaviour =>
  (link) =>
    link.answer(given);

/** Accepts the handshake. */
export const accept =
  (serverHalf?: FakeServerHalf): FakeBehaviour =>
  (link) =>
    link.accept(serverHalf);

/** Never answers. The test may answer by hand, through the link. */
export const hang = (): FakeBehaviour => () => {};

/** Cannot be reached. */
export const unreachable = (): FakeBehaviour => (link) => link.fail();

/** Refuses the handshake with a verdict and, where the server would give one, a time to stay away (milliseconds). */
export const refuse =
  (verdict: Verdict, retryAfter?: number): FakeBehaviour =>
  (link) =>
    link.refuse(verdict, retryAfter);

/** Accepts the handshake and ends the connection right after. */
export const kick = (): FakeBehaviour => (link) => {
  link.accept();
  link.drop("io server disconnect");
};

/** What the fake server has seen, in order. */
export type FakeLogEntry =
  | {
      type: "handshake";
      link: number;
      auth: object;
      headers: Readonly<Record<string, string>>;
      recovery?: Recovery;
    }
  | { type: "reauthentication"; link: number; auth: object }
  | { type: "connected"; link: number }
  | { type: "message"; link: number; namespace: string; event: string; args: readonly unknown[] }
  | { type: "closed"; link: number };

/** A link as the fake server sees it. */
export interface FakeLink {
  /** Its number. */
  readonly number: number;
  /** Whether the client has neither closed it nor lost it. */
  readonly isOpen: boolean;
  /** What the client presented last; `undefined` before the handshake. */
  readonly auth: object | undefined;
  /** Takes the credential; needed only while `io.isHandshakeHeld`. */
  present(): void;
  /** Accepts the handshake and says what its server half is like; `null` leaves that to `ready`. */
  accept(serverHalf?: FakeServerHalf | null): void;
  /** Says what its server half is like. */
  ready(serverHalf?: FakeServerHalf): void;
  /** Refuses the handshake, or the credential later on. */
  refuse(verdict: Verdict, retryAfter?: number): void;
  /** Answers a re-authentication. */
  answer(given: FakeAnswer): void;
  /** The transport fails before the handshake is answered. */
  fail(): void;
  /** Ends the connection for a reason of Socket.IO's, such as `"transport close"`. */
  drop(reason?: string, verdict?: Verdict, retryAfter?: number): void;
  /** Says that everything written was read; needed only while `io.isBarrierHeld`. */
  settle(): void;
  /** Acknowledges what `io.unanswered` has held back. */
  acknowledge(): void;
  /** Sends an event to the client. */
  send(event: string, ...args: unknown[]): void;
  /** The same in another namespace. */
  sendIn(namespace: string, event: string, ...args: unknown[]): void;
}

/** A server without a network, for tests: it logs what it sees and answers as it is told. */
export interface FakeIo extends IoAdapter {
  /** What the server has seen, in order. */
  readonly log: readonly FakeLogEntry[];
  /** The links that are open or opening. */
  readonly links: readonly FakeLink[];
  /** The newest link, open or not. */
  readonly last: FakeLink | undefined;
  /** While true, a link settles only when the test says so. */
  isBarrierHeld: boolean;
  /** While true, a link presents its credential only when the test says so, or answers it. */
  isHandshakeHeld: boolean;
  /** Events that are acknowledged only when the test says so. */
  readonly unanswered: Set<string>;
  /** How the next handshakes are answered, one each; the last behaviour stays. */
  behave(...behaviours: readonly FakeBehaviour[]): void;
  /** How the next re-authentications are answered, one each; the last behaviour stays. */
  behaveOnReauthentication(...behaviours: readonly FakeBehaviour[]): void;
}

interface FakeSocket extends LinkSocket {
  open(): void;
  deliver(event: string, args: unknown[]): void;
  acknowledge(): void;
  shut(): void;
}

/**
 * An IO adapter without a network.
 *
 * @param behaviours - How handshakes are answered, one each; the last one stays. Answers come in a microtask.
 * @defaultValue `accept()`
 * @example
 * ```ts
 * import { createConnection } from "socket-rotor";
 * import { accept, fakeIo, memoryStorage, refuse } from "socket-rotor/testing";
 *
 * const io = fakeIo(refuse("refresh"), accept());
 * const connection = createConnection({
 *   url: "https://api.example.com",
 *   storage: memoryStorage("expired"),
 *   refresh: async () => "fresh",
 *   io,
 * });
 * await connection.whenConnected();
 * const tokens = io.log.flatMap((entry) => (entry.type === "handshake" ? [entry.auth] : []));
 * // [{ token: "expired" }, { token: "fresh" }]
 * connection.dispose();
 * ```
 */
export function fakeIo(...behaviours: readonly FakeBehaviour[]): FakeIo {
  let queue = behaviours.length > 0 ? [...behaviours] : [accept()];
  let answers: FakeBehaviour[] = [answer({ ok: true })];
  const next = (from: FakeBehaviour[]): FakeBehaviour | undefined =>
    from.length > 1 ? from.shift() : from[0];
  const log: FakeLogEntry[] = [];
  const links: FakeLink[] = [];
  const io: FakeIo = {
    log,
    get links() {
      return links.filter((link) => link.isOpen);
    },
    get last() {
      return links.at(-1);
    },
    isBarrierHeld: false,
    isHandshakeHeld: false,
    unanswered: new Set(),
    behave(...given) {
      queue = [...given];
    },
    behaveOnReauthentication(...given) {
      answers = [...given];
    },
    open(request, report) {
      const { link, server, begin } = openFakeLink(io, log, request, report, () => next(answers));
      links.push(server);
      const behaviour = next(queue);
      queueMicrotask(() => {
        if (!io.isHandshakeHeld && begin()) behaviour?.(server);
      });
      return link;
    },
  };
  return io;
}

function openFakeLink(
  io: FakeIo,
  log: FakeLogEntry[],
  request: LinkRequest,
  report: (event: LinkEvent) => void,
  nextAnswer: () => FakeBehaviour | undefined,
): { link: Link; server: FakeLink; begin: () => boolean } {
  const number = request.link;
  const sockets = new Map<string, FakeSocket>();
  let isOpen = true;
  let isConnected = false;
  let auth: object | undefined;
  let onSettled: (() => void) | undefined;
  let onAnswered: ((answer: ReauthenticationAnswer) => void) | undefined;

  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    isConnected = false;
    log.push({ type: "closed", link: number });
    for (const socket of sockets.values()) socket.shut();
    onSettled?.();
  };

  /** Sends the handshake, once; false when the client has thought better of it. */
  const begin = (): boolean => {
    if (!isOpen) return false;
    if (auth) return true;
    const credential = request.credential();
    if (!isOpen || credential === null) return false;
    auth = credential;
    const { headers = {}, recovery } = request;
    log.push({ type: "handshake", link: number, auth, headers, ...(recovery && { recovery }) });
    return true;
  };

  const join = (namespace: string): FakeSocket => {
    let socket = sockets.get(namespace);
    if (!socket) {
      socket = createFakeSocket(
        `${number}${namespace}`,
        ({ event, args }) => log.push({ type: "message", link: number, namespace, event, args }),
        (event) => io.unanswered.has(event),
      );
      sockets.set(namespace, socket);
    }
    if (isConnected) socket.open();
    return socket;
  };
  for (const namespace of request.namespaces) join(namespace);

  const retry = (retryAfter: number | undefined): { retryAfter?: number } =>
    retryAfter === undefined ? {} : { retryAfter };

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
      for (const socket of sockets.values()) socket.open();
      report({ type: "connected" });
      if (serverHalf !== null) server.ready(serverHalf);
    },
    ready({ reauthenticate = false, expiresIn, identity } = {}) {
      report({
        type: "ready",
        reauthenticate,
        ...expiry(expiresIn),
        ...(identity !== undefined && { identity }),
      });
    },
    answer(given) {
      const resolve = onAnswered;
      onAnswered = undefined;
      if (given.ok) resolve?.(given);
      else {
        const error = new ConnectionError(
          "ERR_REFUSED",
          `The fake server refused the token: ${given.verdict}.`,
        );
        resolve?.({ ...given, error });
      }
    },
    refuse(verdict, retryAfter) {
      if (!isOpen || (!io.isHandshakeHeld && !begin())) return;
      const error = new ConnectionError("ERR_REFUSED", `The fake server refused the connection: ${verdict}.`);
      report({ type: "refused", verdict, error, ...retry(retryAfter) });
    },
    fail() {
      if (!isOpen) return;
      report({
        type: "failed",
        error: new ConnectionError("ERR_TRANSPORT", "The fake server could not be reached."),
      });
    },
    drop(reason = "transport close", verdict = "retry", retryAfter) {
      if (!isConnected) return;
      end();
      const error = new ConnectionError(
        "ERR_DISCONNECTED",
        `The fake server ended the connection: ${reason}.`,
      );
      report({ type: "disconnected", verdict, error, reason, ...retry(retryAfter) });
    },
    settle: () => onSettled?.(),
    acknowledge() {
      for (const socket of sockets.values()) socket.acknowledge();
    },
    send: (event, ...args) => sockets.get(request.namespaces[0] ?? "/")?.deliver(event, args),
    sendIn: (namespace, event, ...args) => sockets.get(namespace)?.deliver(event, args),
  };

  const link: Link = {
    socket: join,
    reauthenticate(credential, signal) {
      auth = credential;
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
    settle(signal) {
      return new Promise((resolve) => {
        onSettled = resolve;
        signal.addEventListener("abort", () => resolve());
        if (!io.isBarrierHeld || !isOpen) queueMicrotask(resolve);
      });
    },
    recovery: () => undefined,
    close: end,
  };
  return { link, server, begin };
}

function expiry(expiresIn: number | undefined): { expiresIn?: number } {
  return expiresIn === undefined ? {} : { expiresIn };
}

function createFakeSocket(
  id: string,
  onMessage: (message: Message) => void,
  isUnanswered: (event: string) => boolean,
): FakeSocket {
  let listener: LinkSocketListener | undefined;
  let isConnected = false;
  const due: Message[] = [];
  return {
    get id() {
      return isConnected ? id : undefined;
    },
    get isConnected() {
      return isConnected;
    },
    get isWritable() {
      return isConnected;
    },
    isRecovered: false,
    listen(next) {
      listener = next;
      if (isConnected) listener?.onConnect();
    },
    write(message) {
      if (!isConnected) return false;
      onMessage(message);
      // Acknowledged with the arguments it came with, once the writer has let go.
      queueMicrotask(() => {
        if (isUnanswered(message.event)) due.push(message);
        else if (isConnected) message.onAck?.(...message.args);
      });
      return true;
    },
    leave() {
      isConnected = false;
    },
    open() {
      if (isConnected) return;
      isConnected = true;
      listener?.onConnect();
    },
    acknowledge() {
      for (const message of due.splice(0)) if (isConnected) message.onAck?.(...message.args);
    },
    deliver(event, args) {
      if (isConnected) listener?.onEvent(event, args);
    },
    shut() {
      isConnected = false;
      listener = undefined;
    },
  };
}
