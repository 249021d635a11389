import { say } from "./notice.js";

/** Says in the line beside the buttons what the control does that is pointed at or has the focus. */
export function showHints(): void {
  for (const control of document.querySelectorAll<HTMLElement>("[data-hint]")) {
    const hint = control.dataset["hint"] ?? "";
    control.setAttribute("aria-description", hint);
    control.addEventListener("pointerenter", () => say(hint));
    control.addEventListener("focus", () => say(hint));
  }
  say("Point at a button to read what it does.");
}
