import { byId } from "./dom.js";

const notice = byId("notice", HTMLElement);
/** The page with both clients has none: what its buttons do is seen in the clients. */
const answer = document.getElementById("answer");

/** Runs what a button stands for, and says so where it fails, and where it is done. */
export async function attempt(action: () => unknown, name = ""): Promise<void> {
  notice.textContent = "";
  if (answer !== null) answer.textContent = name && `${name} …`;
  try {
    await action();
    if (answer !== null) answer.textContent = name && `${name}: done.`;
  } catch (error) {
    if (answer !== null) answer.textContent = "";
    notice.textContent = error instanceof Error ? error.message : String(error);
  }
}

export function onPress(id: string, action: () => unknown): void {
  const button = byId(id, HTMLButtonElement);
  button.addEventListener("click", () => void attempt(action, button.textContent));
}
