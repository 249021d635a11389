import { afterEach, beforeEach, vi } from "vitest";

/** For each test of a file: a clock that the test sets, and a page as it was when it is over. */
export function usePage(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    localStorage.clear();
    sessionStorage.clear();
  });
}
