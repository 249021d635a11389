import { byId, element, timeOfDay } from "./dom.js";
import type { PlaygroundConnection } from "./playground-connection.js";

/**
 * Keeps the last error in view, in the library's own words.
 *
 * @returns says since when the state holds, and when the next attempt is due; to be called again and again
 */
export function showStatus(connection: PlaygroundConnection): () => void {
  const facts = byId("status-facts", HTMLElement);
  const lastError = byId("last-error", HTMLElement);
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
    const { error } = connection.getSnapshot();
    if (error === undefined || error === shownError) return;
    shownError = error;
    lastError.className = "";
    lastError.replaceChildren(
      element("time", "", timeOfDay(Date.now(), false)),
      " ",
      element("code", "", error.code),
      ...(error.reason === undefined ? [] : [" ", element("code", "", error.reason)]),
      " ",
      error.message,
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
