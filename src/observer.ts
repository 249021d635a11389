import type { SnapshotFrom } from "xstate";
import type { ConnectionEvent, connectionMachine } from "../machines/index.js";
import type { Parts } from "./parts.js";
import { pathOf, wordsOf } from "./snapshot.js";
import { property } from "./value.js";
import { ELSEWHERE, EXHAUSTED, NO_REFRESH, NO_SESSION, NO_TOKEN, REJECTED } from "./words/messages.js";

/** What the application itself has given does not work; a network that is down for a while is no mistake. */
const MISTAKE = /^ERR_(CREDENTIAL|REFRESH_FAILED|INVALID_TOKEN|STORAGE_READ|STORAGE_UNAVAILABLE)$/;

/** Passes inspection on to the application, and writes a line for each change of state and for what needs somebody. */
export function createObserver(
  parts: Parts,
): (event: ConnectionEvent, snapshot: SnapshotFrom<typeof connectionMachine>) => void {
  const { options, source, failures, log } = parts;
  const isCookie = options.storage.credential === "cookie";
  let last = "idle.stopped";
  return (event, { value, context }) => {
    const [code, session] = ["code", "session"].map((name) => property(event, name));
    // Our own words, and only the name of what was thrown: in a runtime without the storage nobody looks at a snapshot.
    if (MISTAKE.test(String(code))) {
      const { message, cause } = failures.recall(String(code));
      const what = `${code}${cause instanceof Error ? `, ${cause.name}` : ""}`;
      // Of this one the words are the storages' of the library, or at least about what this page has.
      const words = code === "ERR_STORAGE_UNAVAILABLE" ? message : failures.ownWords(String(code));
      log.warnOnce(what, `${words ?? ELSEWHERE} (${what})`);
    }
    const state = pathOf(value);
    if (state === last) return;
    log.debug(`${wordsOf(event.type)}${code === undefined ? "" : ` (${code})`}: ${last} → ${state}`);
    last = state;
    if (state === "loggedOut.signedOut") {
      log.infoOnce("signed-out", isCookie ? NO_SESSION : NO_TOKEN);
      if (source.isLoginOpen && session === "required") log.warnOnce("login", NO_COOKIE);
    }
    // What the server said is for `getSnapshot().error`: there may be anything in it.
    const error = failures.recall(String(context.code));
    const words = error.reason === undefined ? error.code : `${error.code}, ${error.reason}`;
    if (state === "loggedOut.rejected") {
      const advice = parts.isRefreshMissing ? NO_REFRESH : "";
      log.warn(`The server refuses the ${isCookie ? "session" : "token"} (${words}). ${REJECTED}${advice}`);
    }
    if (state === "idle.exhausted") log.warn(`No attempt is left (${words}). ${EXHAUSTED}`);
  };
}

/** In every build, as only a deployment shows it. */
const NO_COOKIE =
  'The server sees no signed-in session after login(). Was the Set-Cookie accepted? Secure needs https, SameSite=None needs Secure, another origin needs credentials: "include". See docs/troubleshooting.md.';
