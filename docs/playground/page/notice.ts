import { byId } from "./dom.js";

/** A long page has one beside each group of buttons. */
const lines = document.querySelectorAll(".hint");

/** Says something in the line beside the buttons, until a control is pointed at. */
export function say(text: string, isBad = false): void {
  for (const line of lines) {
    line.textContent = text;
    line.classList.toggle("bad", isBad);
  }
}

/** Runs what a button stands for, and says where it fails, and where it is done. */
export async function attempt(action: () => unknown, name: string): Promise<void> {
  say(`${name} …`);
  try {
    await action();
    say(`${name}: done.`);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true);
  }
}

export function onPress(id: string, action: () => unknown): void {
  const button = byId(id, HTMLButtonElement);
  button.addEventListener("click", () => void attempt(action, button.textContent));
}
