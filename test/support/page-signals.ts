import { vi } from "vitest";

/** Shows or hides the page, and says so as a browser does. */
export function setVisibility(state: DocumentVisibilityState): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

/**
 * Counts from now on, until mocks are restored.
 *
 * @returns how many listeners `window` and `document` have now
 */
export function countListeners(): () => number {
  const listeners = new Set<string>();
  const numbers = new Map<unknown, number>();
  const keyOf = (target: object, type: string, listener: unknown): string => {
    const number = numbers.get(listener) ?? numbers.size;
    numbers.set(listener, number);
    return `${target.constructor.name} ${type} ${number}`;
  };
  for (const target of [window, document]) {
    const { addEventListener, removeEventListener } = target;
    vi.spyOn(target, "addEventListener").mockImplementation(
      (type: string, listener: EventListenerOrEventListenerObject) => {
        listeners.add(keyOf(target, type, listener));
        addEventListener.call(target, type, listener);
      },
    );
    vi.spyOn(target, "removeEventListener").mockImplementation(
      (type: string, listener: EventListenerOrEventListenerObject) => {
        listeners.delete(keyOf(target, type, listener));
        removeEventListener.call(target, type, listener);
      },
    );
  }
  return () => listeners.size;
}
