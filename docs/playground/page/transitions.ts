import type { InspectionEvent, StateValue } from "xstate";
import { byId, element, prependRow, timeOfDay } from "./dom.js";
import { eventFields, eventName, plainEvent } from "./event-words.js";
import { outermost, pathOf } from "./state-path.js";
import { LIMIT } from "./status-view.js";
import { type Step, wordsOf } from "./steps.js";

interface MachineSnapshot {
  value: StateValue;
}

/**
 * Says what the connection did last, and lists that, newest first, as the inspection events of the machine tell it.
 *
 * @param onStep - called after each event, also where the state is the same
 */
export function createTransitions(
  onStep: (step: Omit<Step, "client">) => void,
): (event: InspectionEvent) => void {
  const list = byId("transitions", HTMLOListElement);
  const last = byId("happened", HTMLElement);
  const showAll = byId("show-all", HTMLInputElement);
  let from: string | undefined;

  const onShowAll = () => list.classList.toggle("only-changes", !showAll.checked);
  showAll.addEventListener("change", onShowAll);
  onShowAll();

  return (inspected) => {
    if (inspected.type !== "@xstate.snapshot" || inspected.actorRef.sessionId !== inspected.rootId) return;
    if (!isMachineSnapshot(inspected.snapshot)) return;
    const change = { from, to: pathOf(inspected.snapshot.value), event: plainEvent(inspected.event) };
    const step = { ...change, at: Date.now(), words: wordsOf(change) };
    prependRow(list, row(step), LIMIT);
    if (from !== step.to)
      last.replaceChildren(element("time", "", timeOfDay(step.at, false)), ` ${step.words}`);
    from = step.to;
    onStep(step);
  };
}

function row({ from, to, event, at, words }: Omit<Step, "client">): HTMLElement {
  const hasChanged = from !== to;
  const states = element("span", "move");
  if (from !== undefined && hasChanged)
    states.append(element("span", "from", from), element("span", "arrow", " → "));
  states.append(element("span", "to", to));
  states.dataset["state"] = outermost(to);
  return element(
    "li",
    hasChanged ? "changed" : "unchanged",
    element("time", "", timeOfDay(at)),
    states,
    element("code", "event", eventName(event), " ", element("span", "fields", eventFields(event))),
    element("span", "words", words),
  );
}

const isMachineSnapshot = (snapshot: object): snapshot is MachineSnapshot => "value" in snapshot;
