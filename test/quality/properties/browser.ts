/** Who listens to a channel, tab by tab. */
const listening = new Map<string, Set<TabChannel>>();

let areWordsDelayed = false;

/** Does something of which the other tabs hear later. */
export function delayWords(act: () => unknown): void {
  areWordsDelayed = true;
  act();
  areWordsDelayed = false;
}

/** A `BroadcastChannel` that tells the other tabs at once, so that a schedule says when they hear of something. */
class TabChannel {
  readonly #others: Set<TabChannel>;
  readonly #listeners = new Set<() => void>();

  constructor(name: string) {
    this.#others = listening.get(name) ?? new Set();
    listening.set(name, this.#others);
    this.#others.add(this);
  }

  addEventListener(_type: "message", listener: () => void): void {
    this.#listeners.add(listener);
  }

  postMessage(): void {
    if (areWordsDelayed) return;
    for (const other of [...this.#others]) if (other !== this) for (const tell of other.#listeners) tell();
  }

  close(): void {
    this.#others.delete(this);
  }
}

/** Gives this process what the tabs of a browser share; returns the function that takes it away. */
export function openBrowser(): () => void {
  const area = new Map<string, string>();
  const localStorage = {
    getItem: (key: string) => area.get(key) ?? null,
    setItem: (key: string, value: string) => void area.set(key, value),
    removeItem: (key: string) => void area.delete(key),
  };
  const ends = Object.entries({ localStorage, BroadcastChannel: TabChannel }).map(([name, value]) => {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true });
    return () => {
      if (before) Object.defineProperty(globalThis, name, before);
      else Reflect.deleteProperty(globalThis, name);
    };
  });
  return () => {
    listening.clear();
    for (const end of ends) end();
  };
}
