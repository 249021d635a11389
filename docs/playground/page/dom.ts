/** Finds an element of the page, or says at once that the markup and the code disagree. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`The page has no element "${id}" of the right kind.`);
}

/** Makes an element. Text is only ever set as text, so that nothing received can become markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

/** Puts a row on top of a list and lets the oldest go. */
export function prependRow(list: HTMLElement, row: HTMLElement, limit: number): void {
  list.prepend(row);
  while (list.childElementCount > limit) list.lastElementChild?.remove();
}

/** The time of day, to the millisecond where `isExact`. */
export function timeOfDay(at: number, isExact = true): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return isExact ? `${time}.${String(date.getMilliseconds()).padStart(3, "0")}` : time;
}
