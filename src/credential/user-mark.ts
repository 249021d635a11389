import { randomMarker } from "./random-marker.js";

/**
 * A marker says which sign-in it is of and, once the server has named the user, who that is: `sign-in#salt#digest`.
 * The digest is of the server's word for the user, which is a keyed hash already: who knows the word can tell whether
 * it is the same user, and nobody can read who it is. The salt makes each telling another one.
 */
const SEPARATOR = "#";

/** The marker of the same sign-in, with the user in it, as nobody has said it before. */
export function markUser(marker: string, word: string): string {
  const salt = randomMarker();
  return [signInOf(marker), salt, digest(salt + word)].join(SEPARATOR);
}

/** The marker of the same sign-in that names nobody; `undefined` where it is that already. */
export function unmark(marker: string): string | undefined {
  const signIn = signInOf(marker);
  return signIn === marker ? undefined : signIn;
}

export function isSameSignIn(marker: string, other: string): boolean {
  return signInOf(marker) === signInOf(other);
}

/** Whether the marker is of the user of this word; `undefined` where it names nobody. */
export function isOfUser(marker: string, word: string): boolean | undefined {
  const [, salt, said] = marker.split(SEPARATOR);
  return said === undefined ? undefined : said === digest(salt + word);
}

function signInOf(marker: string): string {
  return marker.split(SEPARATOR, 1).join();
}

/** Sixty-four bits, synchronously and also on pages without `crypto.subtle`: it tells users apart, and guards nothing. */
function digest(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    high = Math.imul(high ^ text.charCodeAt(at), 0x9e3779b1);
    low = Math.imul(low ^ text.charCodeAt(at), 0x5f356495);
  }
  return [high, low].map((half) => (half >>> 0).toString(36)).join("");
}
