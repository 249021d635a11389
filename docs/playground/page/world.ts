import { changeWorld } from "./api.js";
import { onPress } from "./notice.js";

const FREEZE = 4_000;

/** The buttons that concern everybody. */
export function bindWorld(): void {
  for (const what of ["restart", "busy", "drain", "rotate-key"]) onPress(what, () => changeWorld(what));
  onPress("freeze", () => {
    // The page is drawn with the button pressed first.
    requestAnimationFrame(() => setTimeout(freeze));
  });
}

/** Both frames run on this page's thread: while it is busy, nothing of theirs is called. */
function freeze(): void {
  const end = performance.now() + FREEZE;
  while (performance.now() < end);
}
