import { ConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import type { Links } from "./links.js";
import type { Revocations } from "./revocations.js";
import type { SocketIoNamespace } from "./socket-io.js";
import type { TokenError } from "./token-error.js";

/** What `authenticateToken` has made for a server, for the other functions. */
export interface Installed {
  readonly links: Links;
  readonly control: SocketIoNamespace;
  readonly revocations: Revocations;
  readonly log: Log;
  /** Milliseconds. */
  readonly verifyTimeout: number;
  readonly isIdentityKeyRandom: boolean;
  /** While the server drains: the refusal of whoever comes now. */
  refuseAll?: () => TokenError;
}

const installations = new WeakMap<object, Installed>();

export function install(io: object, installed: Installed): void {
  installations.set(io, installed);
}

export function installedOn(io: object): Installed | undefined {
  return installations.get(io);
}

/** The same for a function that is of no use without. */
export function requireInstalled(io: object, caller: string): Installed {
  const installed = installations.get(io);
  if (installed !== undefined) return installed;
  throw new ConnectionError(
    "ERR_SERVER_SETUP",
    `${caller} knows no connection of this server. Call authenticateToken(io, options) before, with the same io.`,
  );
}
