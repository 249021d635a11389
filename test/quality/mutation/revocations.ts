import type { Mutant } from "./mutant.js";

const STORE = "test/unit/server/tokens/revocation-store.test.ts";
const HOSTILE = "test/unit/server/tokens/hostile-revocation-store.test.ts";
const MESSAGES = "test/unit/server/cluster-messages.test.ts";
const KEPT = "test/system/leaks/kept-messages.test.ts";

/** F60, F62 and F66: what nodes know and believe of each other. */
export const REVOCATIONS: readonly Mutant[] = [
  {
    promise: "F60",
    what: "A server that hears what it knows nothing of says so",
    file: "src/server/cluster.ts",
    find: "      hearing.onForeign();\n",
    replace: "",
    test: [MESSAGES, "each says so when it hears what only the other knows"],
  },
  {
    promise: "F60",
    what: "Two servers of one process on one channel are found before any message",
    file: "src/server/check-setup.ts",
    find: "allInstalled().some((other) => isForeign(installed, other))",
    replace: "false",
    test: [MESSAGES, "in one process, with one client and one key, checkSetup knows before any message"],
  },
  {
    promise: "F62",
    what: "The store of revocations is read for each connection",
    file: "src/server/tokens/tokens.ts",
    find: "    if (stored !== undefined) await stored.read();\n",
    replace: "",
    test: [STORE, "is known to a node that runs, and that no message has reached"],
  },
  {
    promise: "F62",
    what: "It is read after the token was verified",
    file: "src/server/tokens/tokens.ts",
    find: "    const credential = await verifier(token, ended);\n",
    replace:
      "    await stored?.read();\n    const credential = await verifier(token, ended);\n    return credential;\n",
    test: [STORE, "is read after the token was verified, so that what is revoked meanwhile is known"],
  },
  {
    promise: "F62",
    what: "A store that does not answer in time lets nobody in",
    file: "src/server/tokens/revocation-store.ts",
    find: '        throw new TokenError("temporarily_unavailable", "Revocations cannot be read now.");\n',
    replace: "",
    test: [STORE, "hangs: nobody gets in, nobody is signed out, and it is said once"],
  },
  {
    promise: "F62",
    what: "What a message should have ended ends when the store is read",
    file: "src/server/tokens/authenticate-token.ts",
    find: ": applyRevocation(installed, tokens, stored, until),",
    replace: ": tokens.revocations.add(stored, until),",
    test: [
      STORE,
      "ends there, at the next handshake of anybody, the connections that the message should have ended",
    ],
  },
  {
    promise: "F62",
    what: "A list that is not frozen is looked through each time",
    file: "src/server/tokens/revocation-store.ts",
    find: "ids === last && Object.isFrozen(ids)",
    replace: "ids === last",
    test: [HOSTILE, "with one list, which it changes, is read each time"],
  },
  {
    promise: "F62",
    what: "A read that has begun does not count for who comes later",
    file: "src/server/timing.ts",
    find: "    next ??= running.then(start, start);\n    return next;\n",
    replace: "    return running;\n",
    test: [HOSTILE, "that is being read when another node adds to it is read again"],
  },
  {
    promise: "F66",
    what: "A revocation from the future counts from now",
    file: "src/server/tokens/revocations.ts",
    find: "at: Math.min(at, Date.now())",
    replace: "at",
    test: [MESSAGES, "of a revocation in the future, by a wrong clock or a forger, locks nobody out"],
  },
  {
    promise: "F66",
    what: "What a peer emits in the control namespace reaches no listener",
    file: "src/server/cluster.ts",
    find: "    if (listener !== undefined) listener(message, acknowledge);\n",
    replace:
      "    if (listener !== undefined) listener(message, acknowledge);\n    else if (Array.isArray(packet)) Reflect.apply(Reflect.get(control, 'emitUntyped'), control, packet);\n",
    test: [MESSAGES, "that is forged: a connection without a socket, ends nothing and nobody"],
  },
  {
    promise: "F66",
    what: "A name of any length is remembered as a digest",
    file: "src/server/tokens/link-index.ts",
    find: "return digestOf(JSON.stringify([subject, tokenId]));",
    replace: "return JSON.stringify([subject, tokenId]);",
    test: [KEPT, "of revocations of a megabyte, two hundred times, is not kept"],
  },
  {
    promise: "F66",
    what: "A description that is cut does not keep the whole",
    file: "src/server/token-error.ts",
    find: "return Buffer.from(text.slice(0, length)).toString();",
    replace: "return text.slice(0, length);",
    test: [KEPT, "of revocations of a megabyte, two hundred times, is not kept"],
  },
  {
    promise: "F66",
    what: "What cannot be the key of a session is not remembered",
    file: "src/server/sessions/session-endings.ts",
    find: " && KEY.test(value)",
    replace: "",
    test: [KEPT, "of sessions is kept by what can be a key alone"],
  },
  {
    promise: "F66",
    what: "News of one session that come together are one read",
    file: "src/server/sessions/share-middleware.ts",
    find: "      lookOnce(record).catch(() => {});\n",
    replace: "      watch.look(record).catch(() => {});\n",
    test: [MESSAGES, "of a session's change, 2,000 times, is a read or two of the store"],
  },
];
