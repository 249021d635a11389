/** How much of what a server has sent may wait in one place until it is delivered, in bytes, more or less. */
export const MOST_HELD = 16_777_216;

/** What it costs that something waits, and what a value costs beside its text. */
const ENTRY = 256;
const VALUE = 8;

/** How much memory something that waits takes, roughly; where it is more than may wait, at least that. */
export function sizeOf(value: unknown): number {
  let size = ENTRY;
  // A list and no recursion: it may be nested deeper than the stack is.
  const pending = [value];
  while (pending.length > 0 && size <= MOST_HELD) {
    const next = pending.pop();
    size += VALUE;
    if (typeof next === "string") size += next.length;
    else if (ArrayBuffer.isView(next) || next instanceof ArrayBuffer) size += next.byteLength;
    else if (Array.isArray(next)) for (const each of next) pending.push(each);
    else if (typeof next === "object" && next !== null) {
      for (const [key, each] of Object.entries(next)) {
        size += key.length;
        pending.push(each);
      }
    }
  }
  return size;
}

/** Why a link is closed by which more came in than may wait. */
export const OVERFLOW =
  "More than 16 MB waited to be delivered, so the connection was closed and they are lost. It is tried again.";
