import { EventEmitter } from "node:events";
import { isFunction, property } from "../value.js";
import { channelOf, replaceServerSideEmit } from "./socket-io-private.js";
import type { SocketIoNamespace } from "./socket-io-types.js";

/** Adapters give up on acknowledgements after five seconds; this is for those that never call back. */
const ANSWER_TIMEOUT = 6_000;

/** Whether the adapter reaches other nodes: the one that Socket.IO has by default only says that it does not. */
export function reachesOtherNodes(namespace: SocketIoNamespace): boolean {
  let owner: unknown = Reflect.get(namespace, "adapter");
  while (typeof owner === "object" && owner !== null && !Object.hasOwn(owner, "serverSideEmit")) {
    owner = Object.getPrototypeOf(owner);
  }
  // The adapter that all others extend is the one right above Node's emitter.
  return (
    typeof owner === "object" && owner !== null && Object.getPrototypeOf(owner) !== EventEmitter.prototype
  );
}

/** Is given a message and, where an answer is waited for, the acknowledgement. */
type NodeListener = (message: unknown, acknowledge: unknown) => void;

/** What is heard in a control namespace. */
interface Hearing {
  readonly listeners: Map<unknown, NodeListener>;
  hasForeign: boolean;
  onForeign: () => void;
}

const hearings = new WeakMap<SocketIoNamespace, Hearing>();

/** Hears what other nodes say in the control namespace under a name, which no listener of the application's does. */
export function hearOtherNodes(control: SocketIoNamespace, event: string, listener: NodeListener): void {
  hearingOf(control).listeners.set(event, listener);
}

/** Calls back once, when another server is heard that is set up for something else than this one. */
export function onForeignServer(control: SocketIoNamespace, onForeign: () => void): void {
  hearingOf(control).onForeign = onForeign;
}

/** Whether such a server was heard. */
export function hearsForeignServer(control: SocketIoNamespace): boolean {
  return hearings.get(control)?.hasForeign === true;
}

function hearingOf(control: SocketIoNamespace): Hearing {
  const known = hearings.get(control);
  if (known !== undefined) return known;
  const hearing: Hearing = { listeners: new Map(), hasForeign: false, onForeign() {} };
  hearings.set(control, hearing);
  replaceServerSideEmit(control, (packet) => {
    const [event, message, acknowledge]: unknown[] = Array.isArray(packet) ? packet : [];
    const listener = hearing.listeners.get(event);
    if (listener !== undefined) listener(message, acknowledge);
    else if (!hearing.hasForeign) {
      hearing.hasForeign = true;
      hearing.onForeign();
    }
  });
  return hearing;
}

/** Whether two adapters publish by one client under one name; those that keep their names to themselves do not say. */
export function haveOneChannel(one: SocketIoNamespace, other: SocketIoNamespace): boolean {
  const others = channelOf(other);
  return channelOf(one).every((value, index) => value !== undefined && value === others[index]);
}

/**
 * Tells every other node something in the control namespace. It is said twice: once without an acknowledgement, which
 * also reaches nodes that the adapter has not counted yet, and once with one.
 *
 * @returns Whether all nodes that the adapter knows of have confirmed. It does not reject.
 */
export async function tellOtherNodes(
  control: SocketIoNamespace,
  event: string,
  message: object,
): Promise<boolean> {
  if (!reachesOtherNodes(control)) return true;
  const adapter: unknown = Reflect.get(control, "adapter");
  // The adapter itself and not the namespace, which leaves a rejection of the adapter's to end the process.
  const emit = async (packet: unknown[]): Promise<void> => {
    const serverSideEmit = property(adapter, "serverSideEmit");
    if (isFunction(serverSideEmit)) await Reflect.apply(serverSideEmit, adapter, [packet]);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await emit([event, message]);
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("No answer.")), ANSWER_TIMEOUT);
      const onAnswers = (error: unknown): void => (error ? reject(error) : resolve());
      emit([event, message, onAnswers]).catch(reject);
    });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
