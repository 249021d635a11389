/** Tells one sign-in in this browser from the next. It is no secret, so that it need not be hard to guess. */
export function randomMarker(): string {
  return Date.now().toString(36) + Math.random().toString(36).slice(1);
}
