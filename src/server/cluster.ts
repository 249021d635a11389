import { EventEmitter } from "node:events";
import { isFunction, property } from "../value.js";
import { hookBefore } from "./own-hooks.js";
import type { SocketIoNamespace } from "./socket-io.js";

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

/**
 * Hears what other nodes say in the control namespace under a name, which no listener of the application's does.
 *
 * @param listener - Is given the message and, where an answer is waited for, the acknowledgement.
 */
export function hearOtherNodes(
  control: SocketIoNamespace,
  event: string,
  listener: (message: unknown, acknowledge: unknown) => void,
): void {
  hookBefore(control, "_onServerSideEmit", (packet) => {
    if (Array.isArray(packet) && packet[0] === event) listener(packet[1], packet[2]);
  });
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
