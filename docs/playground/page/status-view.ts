import { byId, element, prependRow, timeOfDay } from "./dom.js";
import type { PlaygroundConnection } from "./playground-connection.js";
import { outermost } from "./state-path.js";

/** Rows of the history. */
export const LIMIT = 200;

/** Shows the state of a path, lit in its colour, and since when it holds. */
export function showState(path: string): void {
  document.documentElement.dataset["state"] = outermost(path);
  byId("status", HTMLElement).textContent = path;
}

/**
 * Shows the error for as long as it stands in the way. Every error stays in the history.
 *
 * @returns says since when the state holds, and when the next attempt is due; to be called again and again
 */
export function showStatus(connection: PlaygroundConnection): () => void {
  const facts = byId("status-facts", HTMLElement);
  const lastError = byId("last-error", HTMLElement);
  const history = byId("transitions", HTMLOListElement);
  let shownError: unknown;

  const redraw = () => {
    const { status, since, attempt, retryAt } = connection.getSnapshot();
    const now = Date.now();
    const parts = [`for ${duration(now - since)}`];
    if (status === "connecting" && attempt > 0)
      parts.push(`${attempt} failed ${attempt === 1 ? "attempt" : "attempts"}`);
    if (retryAt !== undefined) parts.push(`next in ${(Math.max(0, retryAt - now) / 1_000).toFixed(1)} s`);
    facts.textContent = parts.join(" · ");
  };

  const showError = () => {
    const { error, status } = connection.getSnapshot();
    const words = error === undefined ? [] : [error.code, error.reason ?? "", error.message];
    const text = words.filter((word) => word !== "").join(" ");
    lastError.textContent = status === "connected" ? "" : text;
    if (error === undefined || error === shownError) return;
    shownError = error;
    prependRow(
      history,
      element("li", "changed bad", element("time", "", timeOfDay(Date.now())), text),
      LIMIT,
    );
  };

  connection.subscribe(showError);
  showError();

  return redraw;
}

function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
