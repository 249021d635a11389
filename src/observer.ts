import type { InspectionEvent } from "xstate";
import type { Parts } from "./assemble.js";
import { callSafely } from "./report-error.js";
import { pathOf, wordsOf } from "./state-path.js";

/** Passes inspection on to the application, and writes a line for each change of state. */
export function createObserver({ options, failures, log }: Parts): (event: InspectionEvent) => void {
  const { inspect } = options;
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
    if (state === "loggedOut.signedOut") {
      log.infoOnce(
        "signed-out",
        "The storage holds no token, so there is no connection until somebody signs in. Guests need a guest token, or a plain io().",
      );
    }
  };
}
