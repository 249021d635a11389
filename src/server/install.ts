import { createLog, type Logger } from "../logger.js";
import { guardNamespaces } from "./admission.js";
import { warnOfProblems } from "./check-setup.js";
import { onForeignServer } from "./cluster.js";
import { reserveControl, serveControl } from "./control-namespace.js";
import { createIdentityKey } from "./identity-key.js";
import { type Installed, installedOn, register } from "./installed.js";
import { createLink, createOpenLinks } from "./link.js";
import { verifyRecovered } from "./recovery.js";
import type { SocketIoServer } from "./socket-io-types.js";

/**
 * What tokens and sessions have in common, made by whichever is set up first: the links, the control namespace, and
 * the guard of every namespace.
 */
export function install(io: SocketIoServer, logger: Logger): Installed {
  const known = installedOn(io);
  if (known !== undefined) return known;
  const log = createLog(logger);
  const control = reserveControl(io);
  let isComplete = false;
  const links = createOpenLinks((conn) => {
    if (!isComplete) warnOfProblems(io, log, "first connection");
    isComplete = true;
    return createLink(conn, (error) => {
      const name = error instanceof Error ? error.name : typeof error;
      log.warn(
        `A listener of the application's threw (${name}) when a socket was disconnected. The connection was ended even so.`,
      );
    });
  });
  const installed: Installed = { links, control, log, identityKey: createIdentityKey() };
  register(io, installed);
  onForeignServer(control, () => warnOfProblems(io, log, "first connection"));
  warnOfProblems(io, log, "start");
  verifyRecovered(io);
  guardNamespaces(io, installed);
  serveControl(installed);
  return installed;
}
