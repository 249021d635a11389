import type { InspectionEvent } from "xstate";
import type { Parts } from "./assemble.js";
import { callSafely } from "./report-error.js";
import { pathOf, wordsOf } from "./state-path.js";

/** Passes inspection on to the application, and writes a line for each change of state. */
export function createObserver({ options, source, failures, log }: Parts): (event: InspectionEvent) => void {
  const { inspect } = options;
  const isCookie = options.storage.credential === "cookie";
  let last = "idle.stopped";
  return (event) => {
    if (inspect) callSafely(() => (typeof inspect === "function" ? inspect(event) : inspect.next?.(event)));
    const isRoot = event.actorRef.sessionId === event.rootId;
    if (event.type !== "@xstate.microstep" || !isRoot || !("value" in event.snapshot)) return;
    const state = pathOf(event.snapshot.value);
    if (state === last) return;
    log.debug(`${wordsOf(event.event.type)}: ${last} → ${state}`);
    last = state;
    // Words of our own: in a runtime without the storage nobody looks at a snapshot.
    if (event.event["code"] === "ERR_STORAGE_UNAVAILABLE") {
      log.warnOnce("storage", failures.recall("ERR_STORAGE_UNAVAILABLE").message);
    }
    if (state !== "loggedOut.signedOut") return;
    log.infoOnce("signed-out", isCookie ? NO_SESSION : NO_TOKEN);
    if (source.isLoginOpen && event.event["session"] === "required") log.warnOnce("login", NO_COOKIE);
  };
}

const NO_TOKEN =
  "The storage holds no token, so there is no connection until somebody signs in. Guests need a guest token, or a plain io().";

const NO_SESSION =
  "Nobody is signed in in the session of this browser, so there is no connection until somebody is. Guests need a server that lets them in (required: false), or a plain io().";

const NO_COOKIE =
  'The server sees no signed-in session after login(). Was the Set-Cookie accepted? Secure needs https, SameSite=None needs Secure, and a fetch to another origin needs credentials: "include". See docs/troubleshooting.md.';
