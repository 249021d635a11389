import type { InspectionEvent, StateValue } from "xstate";
import { connectionMachine } from "../../machines/index.js";
import { isCode, isIn, isReason, isSessionWord, isVerdict, leafOf } from "./redact.js";
import { ARRIVALS, CAUSES, type Delay, ENDS, type Leaf, type Phrase, type Step, staying } from "./words.js";

export { type RedactedEvent, redact, type StatelyInspectionEvent } from "./redact.js";

/** One step of the connection's statechart. */
export interface Transition {
  /** The state before: the `value` of a snapshot of `connection.actor`, or its path (`"connected.steady"`). */
  from: StateValue;
  /** The state after in the same form. */
  to: StateValue;
  /** What happened: an event of the statechart, or the end of one of its delays. */
  event: { type: string; [field: string]: unknown };
}

/**
 * Says in one plain line why the connection did what it did: what happened, and what follows from it. The line holds
 * words of this library and numbers, so that no token, claim or cookie can be in it.
 *
 * @param transition - The states before and after, and the event between them.
 * @returns The line; `undefined` for what is no step of the connection's statechart.
 * @example
 * ```ts
 * import { explain } from "socket-rotor/inspect";
 *
 * explain({
 *   from: { connecting: "opening" },
 *   to: { connecting: "refreshing" },
 *   event: { type: "io.ended", link: 1, version: 1, verdict: "refresh", code: "ERR_REFUSED" },
 * });
 * // The server refused the token, and a fresh one may help (ERR_REFUSED): a refresh is possible, so it is refreshed once.
 * ```
 */
export function explain({ from, to, event }: Transition): string | undefined {
  const [leafBefore, leafAfter] = [leafOf(from), leafOf(to)];
  const delay = delayOf(event.type);
  const type = delay ?? (isConnectionEvent(event.type) ? event.type : undefined);
  if (type === undefined || leafBefore === undefined || leafAfter === undefined) return undefined;
  const step = { type, from: leafBefore, to: leafAfter, ...fieldsOf(event) };
  const cause = isConnectionEvent(type) ? CAUSES[type] : ENDS[type];
  const consequence = step.from === step.to ? staying(step) : ARRIVALS[step.to];
  return `${say(cause, step)}: ${say(consequence, step)}.`;
}

/**
 * Makes a function for the option `inspect` that hands out a line, as {@link explain} words it, for each step that
 * changed something. Steps that change nothing, such as a late report of a closed link, are passed over.
 *
 * @param write - Gets one line at a time. A throw in it changes nothing.
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 * import { explainTo } from "socket-rotor/inspect";
 *
 * createConnection({
 *   url: "https://api.example.com",
 *   storage: webStorage("accessToken"),
 *   inspect: explainTo((line) => console.log(line)),
 * });
 * ```
 */
export function explainTo(write: (line: string) => void): (event: InspectionEvent) => void {
  const last = new WeakMap<object, { leaf: Leaf; context: string }>();
  return (inspected) => {
    if (inspected.type !== "@xstate.snapshot" || !("value" in inspected.snapshot)) return;
    const { snapshot, event, actorRef } = inspected;
    const leaf = leafOf(snapshot.value);
    if (leaf === undefined) return;
    const now = { leaf, context: "context" in snapshot ? JSON.stringify(snapshot.context) : "" };
    const before = last.get(actorRef);
    last.set(actorRef, now);
    if (before === undefined || (before.leaf === now.leaf && before.context === now.context)) return;
    const line = explain({ from: before.leaf, to: now.leaf, event });
    if (line !== undefined) write(line);
  };
}

const say = (phrase: Phrase, step: Step): string => (typeof phrase === "string" ? phrase : phrase(step));

const isConnectionEvent = isIn(CAUSES);
const isDelay = isIn(ENDS);

/** The delay whose end an event is, such as `xstate.after.timeout.connection.connecting.opening`. */
function delayOf(type: string): Delay | undefined {
  const delay = /^xstate\.after\.(\w+)/.exec(type)?.[1];
  return isDelay(delay) && connectionMachine.events.some((event) => event === type) ? delay : undefined;
}

/** What may be said of an event: words of this library's own, and numbers. */
function fieldsOf(event: object): Omit<Step, "type" | "from" | "to"> {
  const read = <T>(name: string, is: (value: unknown) => value is T): T | undefined => {
    const value: unknown = Reflect.get(event, name);
    return is(value) ? value : undefined;
  };
  return {
    verdict: read("verdict", isVerdict),
    code: read("code", isCode),
    reason: read("reason", isReason),
    session: read("session", isSessionWord),
    retryAfter: read("retryAfter", (value) => typeof value === "number"),
    wasConnected: Reflect.get(event, "reason") !== undefined,
    isOtherUser: Reflect.get(event, "isOtherUser") === true,
    reauthenticate: Reflect.get(event, "reauthenticate") === true,
  };
}
