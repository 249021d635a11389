import type { Mutant } from "./mutant.js";

/** G8, F14 to F21: silent outages and storms. */
export const OUTAGES: readonly Mutant[] = [
  {
    promise: "G8",
    what: "A link that its server does not accept in time is of no use",
    file: "src/links/open-link.ts",
    find: '=> this.#lose("ERR_CONNECT_TIMEOUT")',
    replace: "=> {}",
    test: [
      "test/unit/links/time-limits.test.ts",
      "G8 is of no use when its server has not accepted it in time",
    ],
  },
  {
    promise: "G8",
    what: "A newer token is not rejected because of the one before, whose link is being checked",
    file: "machines/connection.machine.ts",
    find: 'guard: "isOldTokenRefused",\n              target: "#connection.rotating.replacing.opening",',
    replace: 'guard: () => false,\n              target: "#connection.rotating.replacing.opening",',
    test: [
      "test/unit/wake-up.test.ts",
      "G8 F24 what ends a link that is being checked concerns its own token, and not a newer one: logout",
    ],
  },
  {
    promise: "F14",
    what: "A refused token is remembered",
    file: "machines/credential.machine.ts",
    find: '"token.unchanged": { actions: "tellRefused",',
    replace: '"token.unchanged": { actions: "tellCertain",',
    test: [
      "test/system/outages.test.ts",
      "F14 a refresh that fails for a while does not send the refused token again",
    ],
  },
  {
    promise: "F15",
    what: "The HTTP status of a refusal is read",
    file: "src/links/refusals.ts",
    find: 'const description = field(cause, "description");',
    replace: "const description = undefined;",
    test: ["test/system/outages.test.ts", "F15 over polling the HTTP status reaches classify and the error"],
  },
  {
    promise: "F16",
    what: "The backoff is the machine's own",
    file: "machines/connection.machine.ts",
    find: 'reconnectionDelay: { target: "reading", description: "The delay is over." },',
    replace: "",
    test: [
      "test/system/outages.test.ts",
      "F16 a server that was down for ten attempts is found again over websocket",
    ],
  },
  {
    promise: "F17",
    what: "The delay doubles with each failure",
    file: "src/backoff.ts",
    find: "first * 2 ** Math.min(50, Math.max(0, attempt - 1))",
    replace: "first",
    test: ["test/system/outages.test.ts", "F17 kicked again and again: the delays grow"],
  },
  {
    promise: "F18",
    what: "`connect()` leads out of `idle.exhausted`",
    file: "machines/connection.machine.ts",
    find: '              description: "The application asks for another round of attempts.",\n',
    replace: "              guard: () => false,\n",
    test: [
      "test/system/outages.test.ts",
      "F18 attempts that are used up are a state, and connect() works from it",
    ],
  },
  {
    promise: "F19",
    what: "What is due on a link is given up with it",
    file: "src/sockets/channel.ts",
    find: "    for (const old of this.#oldStays.splice(0)) this.outbox.giveUp(old);\n",
    replace: "    this.#oldStays = [];\n",
    test: ["test/unit/sockets/channel-link.test.ts", "F19: every acknowledgement that was due is given up"],
  },
  {
    promise: "F20",
    what: "The delay has full jitter",
    file: "src/backoff.ts",
    find: "random() * Math.min(longest,",
    replace: "Math.min(longest,",
    test: ["test/unit/backoff.test.ts", "F20: clients that fail together come back over the whole delay"],
  },
  {
    promise: "F21",
    what: "A long delay is armed piece by piece",
    file: "src/clock.ts",
    find: "delay > LONGEST_DELAY",
    replace: "delay < 0",
    test: ["test/unit/clock.test.ts", "F21: a delay of 2592000000 ms fires then, and not before"],
  },
];
