import type { InspectionEvent, StateValue } from "xstate";
import { byId, element, prependRow, timeOfDay } from "./dom.js";
import { eventFields, eventName, eventWords, type PlainEvent } from "./event-words.js";
import { isWithin, pathOf } from "./state-path.js";

const LIMIT = 200;

interface MachineSnapshot {
  value: StateValue;
  context: { epoch?: unknown; identity?: unknown };
}

/**
 * Lists what the machine does, newest first, as its inspection events tell it.
 *
 * @param onStep - called after each event, also where the state is the same
 */
export function createTransitions(onStep: (step: Omit<Step, "client">) => void): (event: InspectionEvent) => void {
  const list = byId("transitions", HTMLOListElement);
  const showAll = byId("show-all", HTMLInputElement);
  let from: string | undefined;
  let identity: number | undefined;

  const onShowAll = () => list.classList.toggle("only-changes", !showAll.checked);
  showAll.addEventListener("change", onShowAll);
  onShowAll();

  return (inspected) => {
    if (inspected.type !== "@xstate.snapshot" || inspected.actorRef.sessionId !== inspected.rootId) return;
    if (!isMachineSnapshot(inspected.snapshot)) return;
    const to = pathOf(inspected.snapshot.value);
    prependRow(list, row(inspected.event, from, to, identity), LIMIT);
    from = to;
    identity = identityIn(inspected.snapshot);
    onState(to);
  };
}

function row(
  event: PlainEvent,
  from: string | undefined,
  to: string,
  identity: number | undefined,
): HTMLElement {
  const hasChanged = from !== to;
  const states = element("span", "move");
  if (from !== undefined && hasChanged)
    states.append(element("span", "from", from), element("span", "arrow", " → "));
  states.append(element("span", "to", to));
  states.dataset["state"] = to.split(".")[0] ?? "";
  return element(
    "li",
    hasChanged ? "changed" : "unchanged",
    element("time", "", timeOfDay(Date.now())),
    states,
    element("code", "event", eventName(event)),
    element(
      "span",
      "words",
      `${eventWords(event, identity)} `,
      element("span", "fields", eventFields(event)),
    ),
  );
}

/** The identity in force, where somebody is signed in. */
function identityIn({ value, context }: MachineSnapshot): number | undefined {
  const isSignedIn = context.epoch !== 0 && !isWithin(pathOf(value), "loggedOut");
  return isSignedIn && typeof context.identity === "number" ? context.identity : undefined;
}

const isMachineSnapshot = (snapshot: object): snapshot is MachineSnapshot =>
  "value" in snapshot &&
  "context" in snapshot &&
  typeof snapshot.context === "object" &&
  snapshot.context !== null;
