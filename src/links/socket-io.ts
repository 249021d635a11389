import { Manager, type ManagerOptions, type Socket } from "socket.io-client";
import { LONGEST_DELAY } from "../clock.js";
import { ConnectionError } from "../errors.js";
import { CONTROL_NAMESPACE } from "../protocol.js";
import { field } from "../value.js";
import { disconnection, NO_WEBSOCKET, OVERFLOW } from "../words/messages.js";
import { codeOf, concernsLink, isNamespaceOnly } from "./classify.js";
import { createControl, forgetEarly, isAccepted } from "./control.js";
import {
  abortPoll,
  type CloseBeforeOpen,
  createCloseBeforeOpen,
  engineOf,
  isWithoutWebSocket,
  keepProcess,
} from "./engine.js";
import type { IoAdapter, Link, LinkEvent, LinkRequest, LinkSocket } from "./io-adapter.js";
import { createNamespaceSocket, type NamespaceSocket } from "./namespace-socket.js";
import { createRefusals, NO_NAMESPACE, type RefusalParts, type Refusals } from "./refusals.js";

/** What the adapter over socket.io-client needs. */
interface Parts extends RefusalParts {
  /** Scheme, host and port of the server. */
  origin: string;
  socketOptions: Partial<ManagerOptions>;
}

const IS_NODE = globalThis.process?.versions?.node !== undefined;

/** Socket.IO's reason for a disconnection that the server asked for. */
const SERVER_DISCONNECT = "io server disconnect";

/** What the links to one server have in common. */
interface Server {
  /** It accepts a CONNECT to any namespace, so that it cannot be asked to refuse one. */
  acceptsEverything: boolean;
  order: CloseBeforeOpen;
  refusals: Refusals;
}

/** Opens links with socket.io-client: one Manager a link, which never reconnects by itself. */
export function socketIo(parts: Parts): IoAdapter {
  const server: Server = {
    acceptsEverything: false,
    order: createCloseBeforeOpen(),
    refusals: createRefusals(parts),
  };
  return { open: (request, report) => openLink(parts, server, request, report) };
}

function openLink(
  parts: Parts,
  server: Server,
  request: LinkRequest,
  report: (event: LinkEvent) => void,
): Link {
  const [primary = "/"] = request.namespaces;
  const { order, refusals } = server;
  const isKept = IS_NODE && parts.socketOptions.autoUnref === undefined;
  /** engine.io-client looks at them anew for each request over polling. */
  const extraHeaders = { ...request.headers };
  const manager = new Manager(parts.origin, {
    ...parts.socketOptions,
    ...(request.headers && { extraHeaders }),
    ...(isKept && { autoUnref: true }),
    autoConnect: false,
    reconnection: false,
    // The machine limits the time of an attempt; the Manager's own limit must never be the shorter one.
    timeout: LONGEST_DELAY,
  });
  const letProcessEnd = isKept ? keepProcess(manager) : undefined;
  const sockets = new Map<string, NamespaceSocket>();
  /** What is offered for recovery, once each: a namespace that is joined again has nothing to recover. */
  const offers = new Map(request.recovery);
  /** Namespaces to join that wait until a newer token is accepted on this link. */
  const unsent = new Map<string, (credential: object) => void>();
  /** How many questions this link was asked: each has a namespace of its own. */
  let probes = 0;
  let hasBegun = false;
  let hasConnected = false;
  let isClosed = false;
  const ended = new AbortController();
  let hasSession = true;
  let engineError: Error | undefined;

  /** What the server half said of itself before the primary namespace was accepted. */
  let early: LinkEvent | undefined;
  let isOver = false;

  /** Reports in the order of the contract: `ready` after `connected`, and nothing after the end. */
  const tell = (event: LinkEvent): void => {
    if (isClosed || isOver) return;
    if (event.type === "ready" && !hasConnected) {
      early = event;
      return;
    }
    isOver = event.type !== "connected" && event.type !== "ready";
    report(event);
    if (event.type === "connected" && early && !isClosed) report(early);
  };

  const onEngineError = (thrown: unknown): void => {
    // engine.io-client says in a bare string that no transport is available.
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    engineError = error;
    // A link that was up is about to disconnect, and then it says why in Socket.IO's own words.
    if (sockets.get(primary)?.isConnected) return;
    tell(refusals.readEngine(error));
  };

  const onRefused = (namespace: string, error: Error): void => {
    const data = field(error, "data");
    const code = codeOf(data);
    // The server's words alone, as in socket.io-client: they are what the application and its server agreed on.
    const refusal = refusals.read(error.message, data, error);
    if (error.message === NO_NAMESPACE) {
      parts.log.warnOnce(
        `namespace:${namespace}`,
        `The server has no namespace ${namespace}. A path in "url" is a namespace; the path of the server belongs into socketOptions.path.`,
      );
    }
    if (namespace === primary || concernsLink(code, refusal.verdict)) {
      tell({ type: "refused", ...refusal });
    } else if (!isClosed) {
      sockets.get(namespace)?.refuse(refusal.error, isNamespaceOnly(code));
    }
  };

  /** The link has ended, and nobody has refused it. */
  const lose = (message: string, reason: string): void => {
    const error = new ConnectionError("ERR_DISCONNECTED", message);
    tell(
      hasConnected ? { type: "disconnected", verdict: "retry", error, reason } : { type: "failed", error },
    );
  };

  const present = (namespace: string, send: (credential: object) => void): void => {
    unsent.delete(namespace);
    if (isClosed) return;
    const credential = request.credential();
    // Asking may have found a newer token, and closed this very link.
    if (isClosed) return;
    if (credential === null) {
      unsent.set(namespace, send);
      return;
    }
    const recovery = offers.get(namespace);
    offers.delete(namespace);
    send(recovery ? { ...credential, ...recovery } : credential);
  };
  const socketOf = (namespace: string): Socket =>
    manager.socket(namespace, { auth: (send) => present(namespace, send) });

  const join = (namespace: string): LinkSocket => {
    const known = sockets.get(namespace);
    if (known) {
      known.join();
      const send = unsent.get(namespace);
      if (send) present(namespace, send);
      return known;
    }
    const socket = socketOf(namespace);
    const joined = createNamespaceSocket({
      socket,
      offered: offers.get(namespace),
      settled: () => settle(ended.signal),
      onOverflow: () => lose(OVERFLOW, "transport error"),
    });
    sockets.set(namespace, joined);
    let wasConnected = false;
    socket.on("connect", () => {
      wasConnected = true;
      if (namespace !== primary) return;
      hasConnected = true;
      tell({ type: "connected" });
    });
    socket.on("connect_error", (error) => {
      if (error !== engineError) onRefused(namespace, error);
    });
    socket.on("disconnect", (reason) => {
      // The server forgets a session that it ends itself, so that there is nothing to recover.
      if (reason === SERVER_DISCONNECT && namespace === primary) hasSession = false;
      if (namespace === primary) lose(disconnection(reason), reason);
      else if (!isClosed && wasConnected) joined.lose(reason);
      wasConnected = false;
    });
    if (hasBegun) joined.begin();
    return joined;
  };

  const isProbeAccepted = (signal: AbortSignal): Promise<boolean> => {
    probes += 1;
    return isAccepted(manager, probes, signal);
  };
  const settle = async (signal: AbortSignal): Promise<void> => {
    if (control.isReady) return control.sync(signal);
    if (server.acceptsEverything || signal.aborted || isClosed) return;
    if (!(await isProbeAccepted(signal))) return;
    server.acceptsEverything = true;
    parts.log.warnOnce(
      "barrier",
      "The server accepts every namespace, so it cannot confirm what it has read: messages written just before a rotation may be lost.",
    );
  };
  const controlSocket = socketOf(CONTROL_NAMESPACE);
  const control = createControl({
    socket: controlSocket,
    refusals,
    probe: isProbeAccepted,
    onReady: tell,
    onGoodbye(answer) {
      hasSession = false;
      tell(
        hasConnected
          ? { ...answer, type: "disconnected", reason: SERVER_DISCONNECT }
          : { ...answer, type: "refused" },
      );
    },
  });

  manager.on("error", onEngineError);
  manager.on("packet", (packet) => {
    const joined = sockets.get(packet.nsp);
    if (joined) joined.onPacket(packet);
    else forgetEarly(manager, packet.nsp);
  });
  for (const namespace of request.namespaces) join(namespace);
  const cancel = order.open(() => {
    hasBegun = true;
    for (const socket of sockets.values()) socket.begin();
    controlSocket.connect();
    if (isWithoutWebSocket(manager))
      tell({ type: "failed", error: new ConnectionError("ERR_TRANSPORT", NO_WEBSOCKET) });
  });

  return {
    socket: join,
    async reauthenticate(credential, signal, headers) {
      const answer = await control.reauthenticate(credential, signal);
      if (answer.ok && headers) replaceAll(extraHeaders, headers);
      return answer;
    },
    settle,
    watchTransport(listener) {
      manager.on("open", () => {
        const { engine } = manager;
        const tell = (): void => listener(engine.transport.name);
        engine.on("upgrade", tell);
        tell();
      });
    },
    recovery: () => {
      if (!hasConnected) return undefined;
      const recovery = new Map<string, { pid: string; offset: string | undefined }>();
      for (const [namespace, { session }] of sockets)
        if (hasSession && session) recovery.set(namespace, session);
      return recovery;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      ended.abort();
      cancel();
      const engine = engineOf(manager);
      const isOpen = engine?.readyState === "open";
      order.close(manager, sockets.get(primary)?.isConnected === true, () => {
        for (const socket of sockets.values()) socket.close();
        control.close();
      });
      // An open engine is told of the end, and answers; on any other, there may be no server.
      if (engine && !isOpen) abortPoll(engine);
      letProcessEnd?.();
    },
  };
}

/** Gives an object that others have too the fields of another one, and no more. */
function replaceAll(shared: Record<string, string>, fields: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(shared)) Reflect.deleteProperty(shared, name);
  Object.assign(shared, fields);
}
