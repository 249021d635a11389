import { ConnectionError } from "../errors.js";
import { NOT_ENCODED, shapeFailed } from "../words/messages.js";
import type { StorageAdapter } from "./storage-adapter.js";

/** Where in a stored text the token is, for a storage that holds other data beside it. */
export interface TokenShape {
  /**
   * Answers with the token in the stored text, or `null` when nobody is signed in. Left out, the text is the token. What
   * it throws is `ERR_STORAGE_READ`, which is tried again and signs nobody out.
   */
  decode?: ((text: string) => string | null) | undefined;
  /**
   * Answers with the text to store: `text`, which the storage holds now, with another token in it, or with none where
   * `token` is `null`, as on `logout()`. `null` as the answer removes the entry. Left out beside `decode`, the storage is
   * only read: `login(token)` is refused with `ERR_STORAGE_READ_ONLY`, and `logout()` leaves the text as it is.
   */
  encode?: ((token: string | null, text: string | null) => string | null) | undefined;
}

/** Calls one of them. What it throws may quote the text, and a refresh token with it, so that only its name goes on. */
function call<Answer>(name: keyof TokenShape, run: () => Answer): Answer {
  try {
    return run();
  } catch (cause) {
    // biome-ignore lint/style/useErrorCause: its words would be shown, and may hold a secret that nobody here knows.
    throw new ConnectionError("ERR_STORAGE_READ", shapeFailed(name, cause));
  }
}

/** Reads and writes the token in a stored text. Without `encode` beside `decode` there is nothing to write with. */
export function createStoredText(
  { decode, encode }: TokenShape,
  get: () => string | null,
  set: (text: string | null) => void,
): Pick<StorageAdapter, "write"> & { read(): string | null } {
  const tokenIn = (text: string | null): string | null =>
    text === null || !decode ? text : call("decode", () => decode(text));
  const write = (token: string | null): void => {
    // Read right before it is written: code that shares the text may just have changed another field.
    const text = encode ? call("encode", () => encode(token, get())) : token;
    // What cannot be read again would be another token at the next look, or no sign-out.
    if ((tokenIn(text) || null) !== token) throw new Error(NOT_ENCODED);
    set(text);
  };
  return { read: () => tokenIn(get()), ...((encode || !decode) && { write }) };
}
