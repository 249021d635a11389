import type { Mutant } from "./mutant.js";

const CORE = "test/unit/server/tokens/require-reauthentication.test.ts";
const MESSAGES = "test/unit/server/tokens/requirement-messages.test.ts";
const CLIENT = "test/system/rotation/required.test.ts";

const IN_TIME = "closes with invalid_token the connections of all who bring none in time, and no other";

/** F68, with what F62 and F66 are for it: newer tokens that a server requires on open connections. */
export const REQUIREMENTS: readonly Mutant[] = [
  {
    promise: "F68",
    what: "A connection without a newer token in time is closed",
    file: "src/server/tokens/link-token.ts",
    find: "    if (this.#outdated === undefined) return expiresAt;\n",
    replace: "    return expiresAt;\n",
    test: [CORE, IN_TIME],
  },
  {
    promise: "F68",
    what: "The same text is no newer token, whatever is said of it",
    file: "src/server/tokens/link-token.ts",
    find: "  if (digest === outdated.digest) return false;\n",
    replace: "",
    test: [CORE, IN_TIME],
  },
  {
    promise: "F68",
    what: "A token that was issued before is no newer one",
    file: "src/server/tokens/link-token.ts",
    find: "  if (next.issuedAt !== undefined) return isIssuedAfter(outdated, next);\n",
    replace: "  if (next.issuedAt !== undefined) return true;\n",
    test: [CORE, "by tokenId asks for the one token alone, whenever it was issued"],
  },
  {
    promise: "F68",
    what: "Without a time, a token is newer by another id alone",
    file: "src/server/tokens/link-token.ts",
    find: "return tokenId !== undefined && next.tokenId !== undefined && next.tokenId !== tokenId;",
    replace: "return true;",
    test: [CORE, IN_TIME],
  },
  {
    promise: "F68",
    what: "A second call puts nothing off",
    file: "src/server/tokens/link-token.ts",
    find: "...both(earlier, required),",
    replace: "...required,",
    test: [CORE, "puts off the end of no connection"],
  },
  {
    promise: "F68",
    what: "A client that connects meanwhile is asked as well",
    file: "src/server/tokens/tokens.ts",
    find: "      return requirements.of(credential);\n",
    replace: "",
    test: [CORE, "while its token is being verified, is asked as well"],
  },
  {
    promise: "F68",
    what: "An older token is refused once its time is over",
    file: "src/server/tokens/requirements.ts",
    find: "        if ((issuedAt ?? 0) <= found.over) throw newerRequired();\n",
    replace: "",
    test: [CORE, "with a token from before gets what is left of the time, and is refused after it"],
  },
  {
    promise: "F68",
    what: "The client is told no longer time than its token has",
    file: "src/server/tokens/require-reauthentication.ts",
    find: "const { expiresIn: within = 0 } = lifetimeOf(link);",
    replace: "const within = deadline - Date.now();",
    test: [CORE, "leaves the end of a token as it is, where that comes first"],
  },
  {
    promise: "F68",
    what: "Clients come at times of their own",
    file: "src/links/control.ts",
    find: "Math.floor(within * Math.random())",
    replace: "within",
    test: [CLIENT, "clients come at times of their own, spread over the time that they have"],
  },
  {
    promise: "F68",
    what: "The client renews its token on the same link",
    file: "src/links/control.ts",
    find: 'isReady && said && typeof within === "number"',
    replace: "false",
    test: [CLIENT, "a client refreshes, and goes on with it on the same link after the time is over"],
  },
  {
    promise: "F68",
    what: "What is no time moves no refresh",
    file: "src/links/control.ts",
    find: ' && typeof within === "number"',
    replace: "",
    test: [CLIENT, "a time that is a text in the place of a time changes nothing"],
  },
  {
    promise: "F62",
    what: "A node that starts later knows which tokens have to be newer",
    file: "src/server/tokens/authenticate-token.ts",
    find: "? applyRequirement(installed, tokens, stored, stored.at + stored.within, until)",
    replace: "? undefined",
    test: [MESSAGES, "a node that starts later gives what is left of the time"],
  },
  {
    promise: "F66",
    what: "A newer token that is required in the future is required now",
    file: "src/server/tokens/requirements.ts",
    find: "at: Math.min(at, Date.now())",
    replace: "at",
    test: [MESSAGES, "counts from the moment at which it is heard, by whatever clock it was sent"],
  },
  {
    promise: "F66",
    what: "A clock that is behind closes no connection at once",
    file: "src/server/tokens/require-reauthentication.ts",
    find: "const deadline = Date.now() + requirement.within;",
    replace: "const deadline = requirement.at + requirement.within;",
    test: [MESSAGES, "counts from the moment at which it is heard, by whatever clock it was sent"],
  },
  {
    promise: "F66",
    what: "A requirement that is doubled or late asks nobody again",
    file: "src/server/tokens/requirements.ts",
    find: "      if (required.at <= Math.max(over, waiting?.at ?? over)) return false;\n",
    replace: "",
    test: [MESSAGES, "twice, late, or out of order, asks once, and asks nobody again who has brought one"],
  },
  {
    promise: "F66",
    what: "A limit that is none is not believed",
    file: "src/server/tokens/requirements.ts",
    find: " || !isDuration(within) || within > LONGEST_WAIT",
    replace: "",
    test: [MESSAGES, "that is forged: a limit of a month, asks nobody and ends nothing"],
  },
];
