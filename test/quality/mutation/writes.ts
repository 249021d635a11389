import type { Mutant } from "./mutant.js";

/** F35: a write of this library lands over another user's token. */
export const WRITES: readonly Mutant[] = [
  {
    promise: "F35",
    what: "A look during a write that finds another user drops what was emitted since",
    file: "src/credential/doubt.ts",
    find: "        if (isSame) {",
    replace: "        if (isSame || begun) {",
    test: [
      "test/unit/credential/signals-in-writes.test.ts",
      "F35 what is emitted as somebody whose sign-in is signalled never leaves as the one before",
    ],
  },
  {
    promise: "F35",
    what: "What was emitted after a signal is dropped where no look has answered before the write ends",
    file: "src/credential/doubt.ts",
    find: "      if (certain() < heard) drop",
    replace: "      if (certain() < 0) drop",
    test: [
      "test/unit/credential/signals-in-writes.test.ts",
      "F35 where a read during the write hangs, what is emitted after a signal is dropped",
    ],
  },
  {
    promise: "F35",
    what: "A signal during a write is looked after at once, so that an echo is no doubt",
    file: "src/credential/storage-access.ts",
    find: "    if (writes.isUnderWay) glance();\n",
    replace: "",
    test: [
      "test/unit/credential/signals-in-writes.test.ts",
      "F35 1,000 refreshes under traffic, over an adapter that echoes its own writes both, several times, drop nothing",
    ],
  },
  {
    promise: "F36",
    what: "What was emitted after a sign-in as another user is dropped where that cannot be stored",
    file: "src/credential/token-source.ts",
    find: "        () => end(true),",
    replace: "        () => {},",
    test: [
      "test/unit/turn/symptoms.test.ts",
      "F36 where that fails, it is dropped and told, and nobody's message waits",
    ],
  },
  {
    promise: "F35",
    what: "A write that was given up and lands after all is read",
    file: "src/credential/storage-access.ts",
    find: "      else signal();\n",
    replace: "",
    test: [
      "test/unit/credential/signals-in-writes.test.ts",
      "F35 a sign-in that was given up and lands after all is followed",
    ],
  },
  {
    promise: "F35",
    what: "A write over a token that has become current meanwhile is read",
    file: "src/credential/storage-access.ts",
    find: "if (onWritten() === false) {",
    replace: "if (onWritten() === 0) {",
    test: [
      "test/unit/credential/signals-in-writes.test.ts",
      "F35 a refreshed token that is stored over bob, who was seen, is followed again",
    ],
  },
  {
    promise: "F35",
    what: "A storage that answers at once is asked before each message while it is written, too",
    file: "src/credential/storage-access.ts",
    find: "const isNews = held !== seen",
    replace: "const isNews = !writes.isUnderWay && held !== seen",
    test: [
      "test/unit/credential/signals-in-writes.test.ts",
      "F35 a storage that is read at once is asked before each message, also where nobody has signalled",
    ],
  },
  {
    promise: "F35",
    what: "A reply that may be another user's is not written",
    file: "src/sockets/traffic.ts",
    find: "      if (areRepliesMeant) outbox.discardReplies(isMeant);\n",
    replace: "",
    test: [
      "test/unit/credential/signals-in-writes.test.ts",
      "F35 in each namespace a message is dropped, an acknowledgement rejects, and a reply is not written",
    ],
  },
];
