import type { InspectionEvent, StateValue } from "xstate";
import { byId, element, prependRow, timeOfDay } from "./dom.js";
import { eventFields, eventName, plainEvent } from "./event-words.js";
import { pathOf } from "./state-path.js";
import { type Step, wordsOf } from "./steps.js";

const LIMIT = 200;

interface MachineSnapshot {
  value: StateValue;
}

/**
 * Lists what the machine does, newest first, as its inspection events tell it.
 *
 * @param onStep - called after each event, also where the state is the same
 */
export function createTransitions(
  onStep: (step: Omit<Step, "client">) => void,
): (event: InspectionEvent) => void {
  const list = byId("transitions", HTMLOListElement);
  const showAll = byId("show-all", HTMLInputElement);
  let from: string | undefined;

  const onShowAll = () => list.classList.toggle("only-changes", !showAll.checked);
  showAll.addEventListener("change", onShowAll);
  onShowAll();

  return (inspected) => {
    if (inspected.type !== "@xstate.snapshot" || inspected.actorRef.sessionId !== inspected.rootId) return;
    if (!isMachineSnapshot(inspected.snapshot)) return;
    const to = pathOf(inspected.snapshot.value);
    const step = { from, to, event: plainEvent(inspected.event), at: Date.now() };
    prependRow(list, row(step), LIMIT);
    from = to;
    onStep(step);
  };
}

function row(step: Omit<Step, "client">): HTMLElement {
  const { from, to, event, at } = step;
  const hasChanged = from !== to;
  const states = element("span", "move");
  if (from !== undefined && hasChanged)
    states.append(element("span", "from", from), element("span", "arrow", " → "));
  states.append(element("span", "to", to));
  states.dataset["state"] = to.split(".")[0] ?? "";
  return element(
    "li",
    hasChanged ? "changed" : "unchanged",
    element("time", "", timeOfDay(at)),
    states,
    element("code", "event", eventName(event), " ", element("span", "fields", eventFields(event))),
    element("span", "words", wordsOf(step)),
  );
}

const isMachineSnapshot = (snapshot: object): snapshot is MachineSnapshot => "value" in snapshot;
