import { byId } from "./dom.js";

const notice = byId("notice", HTMLElement);

/** Runs what a button stands for, and says so where it fails. */
export async function attempt(action: () => unknown): Promise<void> {
  notice.textContent = "";
  try {
    await action();
  } catch (error) {
    notice.textContent = error instanceof Error ? error.message : String(error);
  }
}

export function onPress(id: string, action: () => unknown): void {
  byId(id, HTMLButtonElement).addEventListener("click", () => void attempt(action));
}
