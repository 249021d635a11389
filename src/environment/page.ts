/** The page's window, where there is one: React Native has a `window` without events, workers and Node have none. */
export function currentPage(): Window | undefined {
  return globalThis.window?.addEventListener === undefined ? undefined : globalThis.window;
}
