import type { Mutant } from "./mutant.js";

const COST = "test/unit/redaction/mask-cost.test.ts";

const TIME = "test/unit/credential/refresh-in-time.test.ts";
const EXIT = "test/system/leaks/exit.test.ts";

/** What a server, a clock or a surrounding does that nobody expects. */
export const HOSTILE: readonly Mutant[] = [
  {
    promise: "F41",
    what: "A text that is masked has a limit",
    file: "src/redaction/mask.ts",
    find: "const seen = text.slice(0, limit + RECOGNISABLE);",
    replace: "const seen = text;",
    test: [COST, "a text of one run of base64"],
  },
  {
    promise: "F41",
    what: "A JWT is looked for in linear time",
    file: "src/redaction/mask.ts",
    find: '/eyJ[^.]{2}/.test(word.slice(0, Math.max(0, word.lastIndexOf("."))))',
    replace: "/eyJ[\\w-]+\\.[\\w.-]*/.test(word)",
    test: [COST, "F41 within the limit too, time is linear for text of eyJ after eyJ"],
  },
  {
    promise: "F41",
    what: "Data that is masked has a limit",
    file: "src/redaction/mask.ts",
    find: "if (rest.length <= 0) {",
    replace: "if (depth < 0) {",
    test: [COST, "data that is a list of numbers"],
  },
  {
    promise: "F41",
    what: "A secret across the cut is found",
    file: "src/redaction/mask.ts",
    find: "text.slice(0, limit + RECOGNISABLE)",
    replace: "text.slice(0, limit)",
    test: [COST, "no part of a short secret is left"],
  },
  {
    promise: "F41",
    what: "An error that was cleared of tokens is not looked through again",
    file: "src/redaction/failures.ts",
    find: "    if (safe.has(error)) return error;\n",
    replace: "",
    test: [COST, "F41 each text of an error is looked at once, wherever the error passes"],
  },
  {
    promise: "F41",
    what: "Fixed words are not masked",
    file: "src/redaction/mask.ts",
    find: "  if (REASONS.includes(text) || isRefusalCode(text)) return text;\n",
    replace: "",
    test: [COST, "F41 words with which code compares are never masked, however short the token is"],
  },
  {
    promise: "F42",
    what: "Refreshes ahead of expiry are spread over a part of the lifetime",
    file: "src/credential/expiry.ts",
    find: "spreadOf(lifetime) * drawn",
    replace: "1_000 * drawn",
    test: ["test/unit/herd.test.ts", "that live 5 minutes: the fullest second has at most 3 times that"],
  },
  {
    promise: "F43",
    what: "With two links messages go out on the old one until the new one is accepted",
    file: "machines/connection.machine.ts",
    find: 'entry: ["resumeTraffic", "openNextLink"]',
    replace: 'entry: ["pauseTraffic", "openNextLink"]',
    test: [
      "test/unit/sockets/one-link-writes.test.ts",
      "F43 overlapping, nothing is written on the new one before the server has read the old one to its end",
    ],
  },
  {
    promise: "F43",
    what: "A packet with an id that the old link has brought counts once",
    file: "src/sockets/packet-ids.ts",
    find: "return before !== socket;",
    replace: "return false;",
    test: [
      "test/unit/sockets/one-link-writes.test.ts",
      "F43 overlapping, a packet with an id that the old link has brought counts once",
    ],
  },
  {
    promise: "F43",
    what: "A packet with an id that was lost with its link counts when another brings it",
    file: "src/sockets/channel.ts",
    find: "    this.#packetIds?.clear();\n",
    replace: "",
    test: [
      "test/unit/sockets/switch.test.ts",
      "F43 a packet with an id that was lost along with its link counts when the next one brings it",
    ],
  },
  {
    promise: "F43",
    what: "Another namespace hears the old link until the new one has joined it",
    file: "src/sockets/channel.ts",
    find: "    this.#oldStays.push(this.outbox.stay);\n    this.outbox.stay = new Stay(socket);",
    replace:
      "    this.#link?.listen(undefined);\n    this.#oldStays.push(this.outbox.stay);\n    this.outbox.stay = new Stay(socket);",
    test: [
      "test/unit/sockets/one-link-writes.test.ts",
      "F43 overlapping, another namespace hears the old link until the new one has joined it",
    ],
  },
  {
    promise: "F44",
    what: "With `autoUnref` no timer keeps the process",
    file: "src/options.ts",
    find: "systemClock(socketOptions.autoUnref === true)",
    replace: "systemClock()",
    test: [EXIT, "the state waiting"],
  },
  {
    promise: "F44",
    what: "Without `autoUnref` the timers keep the process",
    file: "src/options.ts",
    find: "systemClock(socketOptions.autoUnref === true)",
    replace: "systemClock(true)",
    test: [EXIT, "and without autoUnref it lives on: waiting"],
  },
  {
    promise: "F56",
    what: "The time of a refresh is looked at again each minute",
    file: "src/credential/expiry.ts",
    find: "Math.min(LOOK, left)",
    replace: "left",
    test: [TIME, "F56 after a jump of the wall clock a token near its end is refreshed within a minute"],
  },
  {
    promise: "F65",
    what: "`connect()` ends a wait",
    file: "machines/connection.machine.ts",
    find: '                target: "reading",\n                actions: ["markRetriedAtOnce", "forgetRetryAfter"],',
    replace: '                actions: "forgetRetryAfter",',
    test: [TIME, "F65 connect() ends a wait that a server asked for in a wrong unit, which is logged once"],
  },
];
