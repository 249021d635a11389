import { ConnectionError } from "../../errors.js";
import { installedOn } from "../installed.js";
import type { SocketIoServer } from "../socket-io.js";

/** @throws {@link ConnectionError} `ERR_SERVER_SETUP` */
export function checkFirstCall(io: SocketIoServer): void {
  if (installedOn(io)?.sessions === undefined) return;
  throw new ConnectionError(
    "ERR_SERVER_SETUP",
    "shareSession was called on this server before. Call it once; one find of a session source can look for several kinds of session.",
  );
}
