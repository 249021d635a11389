import { byId } from "./dom.js";

/** Says above the controls what the one does that has the focus or the pointer, and tells screen readers the same. */
export function showHints(): void {
  const line = byId("hint", HTMLElement);
  let focused = "";
  const show = (text: string) => {
    line.textContent = text || focused || "Point at a control, or move to it with Tab, to read what it does.";
  };
  for (const control of document.querySelectorAll<HTMLElement>("[data-hint]")) {
    const hint = control.dataset["hint"] ?? "";
    control.setAttribute("aria-description", hint);
    control.addEventListener("pointerenter", () => show(hint));
    control.addEventListener("pointerleave", () => show(""));
    control.addEventListener("focus", () => {
      focused = hint;
      show("");
    });
    control.addEventListener("blur", () => {
      focused = "";
      show("");
    });
  }
  show("");
}
