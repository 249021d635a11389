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
  Recovery,
} from "../io/io-adapter.js";

/** How the fake server answers a handshake. */
export type FakeBehaviour = (link: FakeLink) => void;

/** Accepts the handshake. */
export const accept = (): FakeBehaviour => (link) => link.accept();

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
  | { type: "connected"; link: number }
  | { type: "message"; link: number; namespace: string; event: string; args: readonly unknown[] }
  | { type: "closed"; link: number };

/** A link as the fake server sees it. */
export interface FakeLink {
  /** Its number. */
  readonly number: number;
  /** Whether the client has neither closed it nor lost it. */
  readonly isOpen: boolean;
  /** What the client presented; `undefined` before the handshake. */
  readonly auth: object | undefined;
  /** Accepts the handshake. */
  accept(): void;
  /** Refuses the handshake, or the credential later on. */
  refuse(verdict: Verdict, retryAfter?: number): void;
  /** The transport fails before the handshake is answered. */
  fail(): void;
  /** Ends the connection for a reason of Socket.IO's, such as `"transport close"`. */
  drop(reason?: string, verdict?: Verdict, retryAfter?: number): void;
  /** Says that everything written was read; needed only while `io.isBarrierHeld`. */
  settle(): void;
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
  /** How the next handshakes are answered, one each; the last behaviour stays. */
  behave(...behaviours: readonly FakeBehaviour[]): void;
}

interface FakeSocket extends LinkSocket {
  open(): void;
  deliver(event: string, args: unknown[]): void;
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
    behave(...next) {
      queue = [...next];
    },
    open(request, report) {
      const { link, server, begin } = openFakeLink(io, log, request, report);
      links.push(server);
      const behaviour = queue.length > 1 ? queue.shift() : queue[0];
      queueMicrotask(() => {
        if (begin()) behaviour?.(server);
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
): { link: Link; server: FakeLink; begin: () => boolean } {
  const number = request.link;
  const sockets = new Map<string, FakeSocket>();
  let isOpen = true;
  let isConnected = false;
  let auth: object | undefined;
  let onSettled: (() => void) | undefined;

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
      socket = createFakeSocket(`${number}${namespace}`, ({ event, args }) => {
        log.push({ type: "message", link: number, namespace, event, args });
      });
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
    accept() {
      if (!begin() || isConnected) return;
      isConnected = true;
      log.push({ type: "connected", link: number });
      for (const socket of sockets.values()) socket.open();
      report({ type: "connected" });
    },
    refuse(verdict, retryAfter) {
      if (!begin()) return;
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
    send: (event, ...args) => sockets.get(request.namespaces[0] ?? "/")?.deliver(event, args),
    sendIn: (namespace, event, ...args) => sockets.get(namespace)?.deliver(event, args),
  };

  const link: Link = {
    socket: join,
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

function createFakeSocket(id: string, onMessage: (message: Message) => void): FakeSocket {
  let listener: LinkSocketListener | undefined;
  let isConnected = false;
  let isLeft = false;
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
        if (isConnected) message.onAck?.(...message.args);
      });
      return true;
    },
    leave() {
      isConnected = false;
      isLeft = true;
    },
    open() {
      if (isConnected) return;
      isConnected = true;
      isLeft = false;
      listener?.onConnect();
    },
    deliver(event, args) {
      if (isConnected && !isLeft) listener?.onEvent(event, args);
    },
    shut() {
      isConnected = false;
      listener = undefined;
    },
  };
}
