import { invalidOption } from "./errors.js";
import type { Log } from "./logger.js";
import { isOwnNamespace } from "./protocol.js";
import { describeType } from "./value.js";

/**
 * The option `url`, as `io()` takes it: where the server is, and the primary namespace.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no address, or one that would end up in logs whole.
 */
export function parseAddress(url: unknown): { origin: string; namespace: string } {
  if (url === undefined)
    throw invalidOption(
      'The option "url" is missing: the address of the server, such as "https://api.example.com".',
    );
  if (typeof url !== "string" && !(url instanceof URL)) {
    throw invalidOption(`The option "url" takes a string or a URL, but got ${describeType(url)}.`);
  }
  let parsed: URL;
  try {
    parsed = new URL(url, globalThis.location?.href);
  } catch {
    throw invalidOption('The option "url" takes a whole address, such as "https://api.example.com".');
  }
  if (!["http:", "https:", "ws:", "wss:"].includes(parsed.protocol)) {
    throw invalidOption(
      `The option "url" takes an address that begins with https: or wss: (http: or ws: for local servers), not ${parsed.protocol}`,
    );
  }
  if (parsed.search !== "" || parsed.hash !== "" || parsed.username !== "" || parsed.password !== "") {
    throw invalidOption(
      'The option "url" takes no query, no fragment and no user, as an address ends up in logs. Send such things by the "auth" option.',
    );
  }
  const namespace = decode(parsed.pathname);
  // On the wire a comma would end the name, and a question mark begin a query.
  if (/[,?]/.test(namespace))
    throw invalidOption(
      'The option "url" takes no comma and no question mark in its path, which is the name of a Socket.IO namespace.',
    );
  if (isOwnNamespace(namespace))
    throw invalidOption(
      `The option "url" has the path ${namespace}, a namespace that is socket-rotor's own. Give the namespace of yours another name.`,
    );
  return { origin: `${parsed.protocol}//${parsed.host}`, namespace };
}

/** The path as it was written, before `URL` has encoded what is beyond ASCII: so a server names its namespace. */
function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/** Warns of what anybody on the way can read. */
export function warnOfPlainHttp(origin: string, log: Log): void {
  const { protocol, hostname } = new URL(origin);
  const isLocal =
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\./.test(hostname);
  if (isLocal || (protocol !== "http:" && protocol !== "ws:")) return;
  log.warn(
    `Tokens and cookies travel to ${hostname} unencrypted. Use https: or wss: for every host that is not local.`,
  );
}
