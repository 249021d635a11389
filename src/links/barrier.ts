import { type Manager, Socket } from "socket.io-client";
import { BARRIER_PREFIX } from "../protocol.js";
import { field } from "../value.js";

/**
 * A question that every server answers: a CONNECT to a namespace that does not exist. Packets of a link are read in
 * order, so that the answer proves that everything written before was read, and that everything sent before is here. It
 * is the barrier for a server without a server half, and the proof that it has none. Carries no credential.
 *
 * @param number - Another one for each question that a link is asked.
 * @returns whether the namespace was accepted, so that this server cannot be asked in this way.
 */
export function isAccepted(manager: Manager, number: number, signal: AbortSignal): Promise<boolean> {
  // Always the same names: a server that accepts every namespace may keep each one that was ever asked for.
  const name = `${BARRIER_PREFIX}${number}`;
  const probe = manager.socket(name, { auth: {} });
  return new Promise((resolve) => {
    const end = (isIn: boolean): void => {
      signal.removeEventListener("abort", onAbort);
      probe.removeAllListeners();
      probe.disconnect();
      forget(manager, name);
      resolve(isIn);
    };
    const onAbort = (): void => end(false);
    signal.addEventListener("abort", onAbort);
    probe.on("connect", () => end(true));
    probe.on("connect_error", () => end(false));
    probe.on("disconnect", () => end(false));
    probe.connect();
  });
}

/** A Manager keeps every socket that it ever made, for as long as it lives. */
function forget(manager: Manager, name: string): void {
  const sockets: unknown = Reflect.get(manager, "nsps");
  if (typeof sockets === "object" && sockets !== null) Reflect.deleteProperty(sockets, name);
}

/**
 * Drops what has come for a namespace of our own before it was accepted: nothing is sent there then, and
 * socket.io-client would keep all of it.
 */
export function forgetEarly(manager: Manager, name: string): void {
  const socket = field(Reflect.get(manager, "nsps"), name);
  if (socket instanceof Socket && !socket.connected) socket.receiveBuffer = [];
}
