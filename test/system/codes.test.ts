import { type RefusalCode, TokenError } from "socket-rotor/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { PLACES, refuse } from "./fixture/refusals.js";

/**
 * What the client does about each word, by where the server says it, and in brackets with which `retryAfter`.
 *
 * - `handshake`: a refused CONNECT of the primary namespace; `namespace`: of another one, while the primary is let in.
 * - `goodbye`: before the server ends a link; `answer`: to a re-authentication.
 * - `wait`: how long the client does nothing, of which the last 500 stand for the random part of the delay.
 * - `refresh`: the function is called; `ask`: a token is sent on the link that is there; `open`: a new handshake.
 *
 * Last comes the state in which all is quiet, `connected.steady` and `loggedOut.rejected` in short.
 */
const TABLE = `
                                 | handshake                  | namespace                  | goodbye                           | answer
  invalid_token                  | refresh, open, connected   | refresh, open, connected   | wait 500, refresh, open, connected | refresh, ask, connected
  insufficient_scope             | rejected                   | connected without /chat    | rejected                          | rejected
  access_denied                  | rejected                   | connected without /chat    | rejected                          | rejected
  invalid_request                | rejected                   | rejected                   | rejected                          | rejected
  session_required               | rejected                   | rejected                   | rejected                          | rejected
  session_ended                  | rejected                   | rejected                   | rejected                          | rejected
  session_changed                | open, connected            | open, connected            | open, connected                   | open, connected
  identity_mismatch              | wait 500, open, connected  | wait 500, open, connected  | wait 500, open, connected         | open, connected
  temporarily_unavailable        | wait 500, open, connected  | wait 500, open, connected  | wait 500, open, connected         | wait 500, ask, connected
  temporarily_unavailable (3000) | wait 3500, open, connected | wait 3500, open, connected | wait 3500, open, connected        | wait 3500, ask, connected
  temporarily_unavailable (0)    | open, connected            | open, connected            | open, connected                   | wait 500, ask, connected
`;

/** Answers by which a way of rotating is not open: another one is taken, and nothing has gone wrong. */
const NO_ERRORS = ["identity_mismatch as answer", "session_changed as answer"];

const CASES = TABLE.trim()
  .split("\n")
  .slice(1)
  .flatMap((row) => {
    const [said = "", ...cells] = row.split("|").map((cell) => cell.trim());
    return PLACES.map((place, index) => ({ said, place, steps: cells[index] }));
  });

const isWord = (word: string): word is RefusalCode => word in WORDS;
/** All there are: the compiler asks for a new one. */
const WORDS: Record<RefusalCode, true> = {
  invalid_token: true,
  insufficient_scope: true,
  access_denied: true,
  invalid_request: true,
  session_required: true,
  session_ended: true,
  session_changed: true,
  identity_mismatch: true,
  temporarily_unavailable: true,
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("what the client does about each word of the server", () => {
  test.each(CASES)("$said as $place: $steps", async ({ said, place, steps }) => {
    const [, word = "", retryAfter] = /^(\w+)(?: \((\d+)\))?$/.exec(said) ?? [];
    if (!isWord(word)) throw new Error(`"${said}" begins with no word.`);
    const description = "In words that a person understands.";
    const refusal = new TokenError(word, description, retryAfter ? { retryAfter: Number(retryAfter) } : {});
    const aftermath = await refuse(place, refusal, 1);
    expect(aftermath.steps.join(", ")).toBe(steps);
    const error = { code: "ERR_REFUSED", reason: word, message: description };
    const isNoError = NO_ERRORS.includes(`${said} as ${place}`);
    expect(aftermath.errors).toEqual(isNoError ? [] : [expect.objectContaining(error)]);
  });

  test("the table has every word", () => {
    const words = new Set(CASES.map(({ said }) => said.replace(/ .*/, "")));
    expect([...words].sort()).toEqual(Object.keys(WORDS).sort());
  });
});

test.each([
  ["session_changed", "open, wait 1000, open, connected"],
  ["invalid_token", "refresh, open, rejected"],
  ["temporarily_unavailable", "wait 500, open, wait 1000, open, connected"],
] as const)("%s twice in a row: %s", async (word, expected) => {
  const { steps } = await refuse("handshake", new TokenError(word), 2);
  expect(steps.join(", ")).toBe(expected);
});

test("a goodbye that is a bare word is put into a sentence", async () => {
  const bare = Object.assign(new TokenError("access_denied"), { data: { error: "access_denied" } });
  const { errors } = await refuse("goodbye", bare, 1);
  const error = { reason: "access_denied", message: "The server refused: access_denied." };
  expect(errors).toEqual([expect.objectContaining(error)]);
});
