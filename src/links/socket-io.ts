import { Manager, type ManagerOptions } from "socket.io-client";
import { LONGEST_DELAY } from "../clock.js";
import { ConnectionError } from "../errors.js";
import { field } from "../value.js";
import { disconnection, NO_WEBSOCKET, OVERFLOW } from "../words/messages.js";
import { Control, isAccepted } from "./control.js";
import { CloseBeforeOpen, isWithoutWebSocket, keepProcess } from "./engine.js";
import type {
  IoAdapter,
  Link,
  LinkEvent,
  LinkRequest,
  LinkSocket,
  ReauthenticationAnswer,
} from "./io-adapter.js";
import { NamespaceSocket } from "./namespace-socket.js";
import {
  concernsLink,
  isNamespaceOnly,
  NO_NAMESPACE,
  type ReadRefusal,
  type RefusalParts,
  Refusals,
} from "./refusals.js";

/** What the adapter over socket.io-client needs. */
interface Parts extends RefusalParts {
  /** Scheme, host and port of the server. */
  origin: string;
  socketOptions: Partial<ManagerOptions>;
}

/** What the links to one server have in common. */
type Server = ReturnType<typeof serverOf>;
const serverOf = (parts: Parts) => ({
  ...parts,
  /** It accepts a CONNECT to any namespace, so that it cannot be asked to refuse one. */
  acceptsEverything: false,
  order: new CloseBeforeOpen(),
  refusals: new Refusals(parts),
});

type ReadyEvent = Extract<LinkEvent, { type: "ready" }>;

const IS_NODE = globalThis.process?.versions?.node !== undefined;

/** Socket.IO's reason for a disconnection that the server asked for. */
const SERVER_DISCONNECT = "io server disconnect";

/** Opens links with socket.io-client: one Manager a link, which never reconnects by itself. */
export function socketIo(parts: Parts): IoAdapter {
  const server = serverOf(parts);
  return { open: (request, report) => new SocketIoLink(server, request, report) };
}

/** A link over socket.io-client, also as its sockets see it. */
export class SocketIoLink implements Link {
  readonly manager: Manager;
  readonly server: Server;
  /** Whether CONNECTs may be sent. */
  hasBegun = false;
  readonly #request: LinkRequest;
  readonly #report: (event: LinkEvent) => void;
  readonly #primary: string;
  readonly #sockets = new Map<string, NamespaceSocket>();
  readonly #control: Control;
  readonly #letProcessEnd: (() => void) | undefined;
  /** How many questions it was asked: each has a namespace of its own. */
  #probes = 0;
  #hasConnected = false;
  /** Whether its server may still have a state to recover. */
  #hasSession = true;
  /** It has reported its end. */
  #isOver = false;
  #isClosed = false;
  /** What the server half said of itself. */
  #ready: ReadyEvent | undefined;
  #engineError: unknown;

  constructor(server: Server, request: LinkRequest, report: (event: LinkEvent) => void) {
    const { socketOptions } = server;
    const isKept = IS_NODE && socketOptions.autoUnref === undefined;
    const manager = new Manager(server.origin, {
      ...socketOptions,
      ...(request.headers && { extraHeaders: { ...request.headers } }),
      ...(isKept && { autoUnref: true }),
      autoConnect: false,
      reconnection: false,
      // The machine limits the time of an attempt; the Manager's own limit must never be the shorter one.
      timeout: LONGEST_DELAY,
    });
    this.manager = manager;
    this.server = server;
    this.#request = request;
    this.#report = report;
    this.#primary = request.namespaces[0] ?? "/";
    this.#letProcessEnd = isKept ? keepProcess(manager) : undefined;
    manager.on("error", (error) => this.#onEngineError(error));
    manager.on("packet", (packet) => {
      this.#sockets.get(packet.nsp)?.onPacket(packet);
    });
    for (const namespace of request.namespaces) this.socket(namespace);
    this.#control = new Control(this);
    server.order.open(() => {
      this.hasBegun = true;
      for (const socket of this.#sockets.values()) socket.begin();
      this.#control.begin();
      if (isWithoutWebSocket(manager))
        this.#tell({ type: "failed", error: new ConnectionError("ERR_TRANSPORT", NO_WEBSOCKET) });
    });
  }

  socket(namespace: string): LinkSocket {
    const known = this.#sockets.get(namespace);
    if (known) {
      known.join();
      return known;
    }
    const socket = this.manager.socket(namespace, { auth: (send) => joined.present(send) });
    const joined = new NamespaceSocket(this, socket, this.#request.recovery?.get(namespace));
    this.#sockets.set(namespace, joined);
    const isPrimary = namespace === this.#primary;
    let wasConnected = false;
    socket.on("connect", () => {
      wasConnected = true;
      if (!isPrimary) return;
      this.#hasConnected = true;
      this.#tell({ type: "connected" });
      if (this.#ready) this.#tell(this.#ready);
    });
    socket.on("connect_error", (error) => {
      if (error !== this.#engineError) this.#onRefused(namespace, error);
    });
    socket.on("disconnect", (reason) => {
      // The server forgets a session that it ends itself, so that there is nothing to recover.
      if (isPrimary && reason === SERVER_DISCONNECT) this.#hasSession = false;
      if (isPrimary) this.#lose(disconnection(reason), reason);
      else if (wasConnected) joined.listener?.onDisconnect(reason);
      wasConnected = false;
    });
    if (this.hasBegun) joined.begin();
    return joined;
  }

  async reauthenticate(
    credential: object,
    _signal: AbortSignal,
    headers?: LinkRequest["headers"],
  ): Promise<ReauthenticationAnswer> {
    const answer = await this.#control.reauthenticate(credential);
    const { extraHeaders } = this.manager.opts;
    if (!answer.ok || !headers || !extraHeaders) return answer;
    // engine.io-client looks at them anew for each request over polling.
    for (const name of Object.keys(extraHeaders)) Reflect.deleteProperty(extraHeaders, name);
    Object.assign(extraHeaders, headers);
    return answer;
  }

  async settle(signal?: AbortSignal): Promise<void> {
    if (this.#control.isReady) return this.#control.sync(signal);
    const { server } = this;
    if (server.acceptsEverything || signal?.aborted || this.#isOver) return;
    if (!(await this.probe(signal))) return;
    server.acceptsEverything = true;
    server.log.warnOnce(
      "barrier",
      "The server accepts every namespace, so it cannot confirm what it has read: messages written just before a rotation may be lost.",
    );
  }

  watchTransport(listener: (name: string) => void): void {
    const { manager } = this;
    manager.on("open", () => {
      const { engine } = manager;
      const tell = (): void => listener(engine.transport.name);
      engine.on("upgrade", tell);
      tell();
    });
  }

  recovery() {
    if (!this.#hasConnected) return undefined;
    const recovery = new Map<string, { pid: string; offset: string | undefined }>();
    for (const [namespace, { session }] of this.#sockets)
      if (this.#hasSession && session) recovery.set(namespace, session);
    return recovery;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = this.#isOver = true;
    const isConnected = this.#sockets.get(this.#primary)?.isConnected === true;
    this.server.order.close(this.manager, isConnected, () => {
      for (const socket of this.#sockets.values()) socket.close();
      this.#control.close();
    });
    this.#letProcessEnd?.();
  }

  /** Presents the token in a CONNECT; answers whether there is one to present. */
  present(send: (credential: object) => void): boolean {
    const credential = this.#isClosed ? null : this.#request.credential();
    // Asking may have found a newer token, and closed this very link.
    if (!credential || this.#isClosed) return false;
    send(credential);
    return true;
  }

  /** Asks the server something; answers whether it accepts every namespace. */
  probe(signal?: AbortSignal): Promise<boolean> {
    this.#probes += 1;
    return isAccepted(this.manager, this.#probes, signal);
  }

  /** The server half has said what it is like, or there is none. It is reported after `connected`. */
  onReady(ready: ReadyEvent): void {
    this.#ready = ready;
    if (this.#hasConnected) this.#tell(ready);
  }

  /** The server is about to end the link, and says why. */
  onGoodbye(refusal: ReadRefusal): void {
    this.#hasSession = false;
    this.#end({ type: "refused", ...refusal }, SERVER_DISCONNECT);
  }

  /** More has come in than may wait. */
  overflow(): void {
    this.#lose(OVERFLOW, "transport error");
  }

  /** Reports, but nothing after the end. */
  #tell(event: LinkEvent): void {
    if (this.#isOver) return;
    this.#isOver = event.type !== "connected" && event.type !== "ready";
    this.#report(event);
  }

  #lose(message: string, reason: string): void {
    this.#end({ type: "failed", error: new ConnectionError("ERR_DISCONNECTED", message) }, reason);
  }

  /** The end of a link is another one where it was connected. */
  #end(ended: Extract<LinkEvent, { type: "refused" | "failed" }>, reason: string): void {
    this.#tell(this.#hasConnected ? { verdict: "retry", ...ended, type: "disconnected", reason } : ended);
  }

  #onEngineError(thrown: unknown): void {
    this.#engineError = thrown;
    // A link that was up is about to disconnect, and then it says why in Socket.IO's own words.
    if (this.#isOver || this.#sockets.get(this.#primary)?.isConnected) return;
    // engine.io-client says in a bare string that no transport is available.
    this.#tell(this.server.refusals.readEngine(thrown instanceof Error ? thrown : new Error(String(thrown))));
  }

  #onRefused(namespace: string, error: Error): void {
    if (this.#isClosed) return;
    // The server's words alone, as in socket.io-client: they are what the application and its server agreed on.
    const refusal = this.server.refusals.read(error.message, field(error, "data"), error);
    const code = refusal.error.reason;
    if (error.message === NO_NAMESPACE) {
      this.server.log.warnOnce(
        `namespace:${namespace}`,
        `The server has no namespace ${namespace}. A path in "url" is a namespace; the path of the server belongs into socketOptions.path.`,
      );
    }
    if (namespace === this.#primary || concernsLink(code, refusal.verdict))
      this.#tell({ type: "refused", ...refusal });
    else this.#sockets.get(namespace)?.listener?.onRefused(refusal.error, isNamespaceOnly(code));
  }
}
