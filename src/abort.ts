/** Why something was given up; React Native and older browsers have no `reason`. */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? Object.assign(new Error("It was given up."), { name: "AbortError" });
}

/** As `signal.throwIfAborted()`, which is not in every runtime either. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw reasonOf(signal);
}
