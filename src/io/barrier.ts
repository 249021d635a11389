import type { Manager } from "socket.io-client";

/**
 * The barrier for a server without a server half: a CONNECT to a namespace that does not exist. Packets of a link are
 * read in order, so that the refusal proves that everything written before was read. Carries no credential.
 *
 * @returns whether the namespace was accepted, so that this server cannot be asked in this way.
 */
export function isAccepted(manager: Manager, signal: AbortSignal): Promise<boolean> {
  const name = `/rotor-barrier-${Math.random().toString(36).slice(2)}`;
  const probe = manager.socket(name, { auth: {} });
  return new Promise((resolve) => {
    const end = (isIn: boolean): void => {
      signal.removeEventListener("abort", onAbort);
      probe.removeAllListeners();
      probe.disconnect();
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
