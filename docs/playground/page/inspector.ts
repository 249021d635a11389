import { redact } from "socket-rotor/inspect";
import type { InspectionEvent } from "xstate";
import { byId } from "./dom.js";
import { onPress } from "./notice.js";

const URL = "https://stately.ai/inspect";
/** For how many milliseconds the inspector's page may keep silent before we say what that means. */
const PATIENCE = 8_000;

const BLOCKED =
  "The browser has blocked the inspector's window. Press the button to open it, or allow pop-ups for this page.";
const SILENT = `The inspector has not answered: it is a page of its own, ${URL}, and needs the network. The chart on this page does not.`;

/**
 * With `?inspect` in the address, opens Stately's inspector in a window of its own, and shows it what is known to be
 * harmless.
 *
 * @returns takes the inspection events of the connection; `undefined` where nobody asked for it
 */
export async function openInspector(): Promise<((event: InspectionEvent) => void) | undefined> {
  if (!new URLSearchParams(location.search).has("inspect")) return undefined;
  // Loaded by those only who ask for it.
  const { createBrowserInspector } = await import("@statelyai/inspect");
  const inspector = createBrowserInspector({ url: URL, serialize: redact, autoStart: false });

  let hasAnswered = false;
  addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (Reflect.get(Object(data), "type") !== "@statelyai.connected") return;
    hasAnswered = true;
    byId("inspector-note", HTMLElement).textContent = "";
  });
  // It stays until the inspector is there.
  const note = byId("inspector-note", HTMLElement);
  const open = () => {
    note.textContent = "";
    // Under the name by which the inspector opens it, and so the same window.
    if (window.open(URL, "xstateinspector") === null) {
      note.textContent = BLOCKED;
      return;
    }
    inspector.start();
    setTimeout(() => {
      if (!hasAnswered) note.textContent = SILENT;
    }, PATIENCE);
  };
  byId("inspector", HTMLElement).hidden = false;
  onPress("open-inspector", open);
  open();

  const { inspect } = inspector;
  return (event) => ("next" in inspect ? inspect.next?.(event) : undefined);
}
