/** What a server saw, a line each, for tests that wait for it. */
export interface Lines {
  readonly lines: readonly string[];
  add(line: string): void;
  /** Waits until this holds, which is asked now and after each line. */
  until(condition: () => boolean): Promise<void>;
}

export function createLines(): Lines {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  return {
    lines,
    add(line) {
      lines.push(line);
      for (const look of [...watchers]) look();
    },
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition()) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}
