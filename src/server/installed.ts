import { ConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import type { IdentityKey } from "./identity-key.js";
import type { Link, OpenLinks } from "./link.js";
import type { Sessions } from "./sessions/sessions.js";
import type { SocketIoNamespace } from "./socket-io-types.js";
import type { TokenError } from "./token-error.js";
import type { Tokens } from "./tokens/tokens.js";

/** What `authenticateToken` and `shareSession` have made for a server, for each other and for the other functions. */
export interface Installed {
  readonly links: OpenLinks;
  readonly control: SocketIoNamespace;
  readonly log: Log;
  readonly identityKey: IdentityKey;
  tokens?: Tokens;
  sessions?: Sessions;
  /** While the server drains: the refusal of those who come now. */
  refuseAll?: () => TokenError;
}

const installations = new WeakMap<object, Installed>();
/** The same, to look through: a server that nobody uses any more goes. */
const all = new Set<WeakRef<Installed>>();

export function register(io: object, installed: Installed): void {
  installations.set(io, installed);
  all.add(new WeakRef(installed));
}

/** Those of all servers of this process. */
export function allInstalled(): Installed[] {
  return [...all].flatMap((reference) => {
    const installed = reference.deref();
    if (installed !== undefined) return [installed];
    all.delete(reference);
    return [];
  });
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
    `${caller} knows no connection of this server. Call authenticateToken(io, options) or shareSession(io, session, options) before, with the same io.`,
  );
}

/** Whose a link is: what its token says comes before what its session says. */
export function identityOf({ tokens, sessions }: Installed, link: Link): string | undefined {
  return tokens?.identityOf(link) ?? sessions?.identityOf(link);
}
