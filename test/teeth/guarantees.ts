import type { Tooth } from "./tooth.js";

export const GUARANTEES: readonly Tooth[] = [
  {
    promise: "G1",
    what: "A link that is finishing ends before the next one opens",
    file: "src/io/links.ts",
    find: "isRecovery: boolean): void => {\n    endLeaving();",
    replace: "isRecovery: boolean): void => {",
    test: ["test/io/links.test.ts", "G1: a link that is leaving is closed before the next one opens"],
  },
  {
    promise: "G2",
    what: "A token of another user closes what is open first",
    file: "machines/connection.machine.ts",
    find: 'event.type === "token.changed" && event.identity !== context.identity',
    replace: "false",
    test: [
      "test/system/rotation/refresh.test.ts",
      "G2 another user's token: the old link is closed before the new one opens, and nothing is sent as hers",
    ],
  },
  {
    promise: "G3",
    what: "While a sign-in is being stored nothing leaves as the last user",
    file: "src/storage/token-source.ts",
    find: "if (isPromise(stored) && vault.hasToken) access.signal();",
    replace: "",
    test: [
      "test/behaviour/fakes/slow-writes.test.ts",
      "G3 what is emitted after login() as another user is never sent as the last one, however long the storage takes",
    ],
  },
  {
    promise: "F35",
    what: "While a sign-in waits until another write is through, nothing leaves as the last user",
    file: "src/storage/storage-access.ts",
    find: "return isSignalled || isReadDue || isWaiting;",
    replace: "return isSignalled || isReadDue;",
    test: [
      "test/signals-in-writes.test.ts",
      "F35 after login(bob), whose token waits for its turn, nothing leaves as alice",
    ],
  },
  {
    promise: "G3",
    what: "What was set aside is dropped when the server names another user",
    file: "src/socket/outbox.ts",
    find: "  discardAside(): void {\n",
    replace: "  discardAside(): void {\n    this.takeBack();\n",
    test: [
      "test/socket/outbox.test.ts",
      "are dropped when it is another one, and what came since is that one's",
    ],
  },
  {
    promise: "G3",
    what: "A reply to the server leaves only where a message may",
    file: "src/socket/replies.ts",
    find: "const mayWrite = !isGone() && this.#parts.mayWrite();",
    replace: "const mayWrite = !isGone();",
    test: [
      "test/behaviour/servers/replies.test.ts",
      "G3 it is held while the storage is read, and not sent when that says so",
    ],
  },
  {
    promise: "G4",
    what: "Nothing is written on a new link before the old one has settled",
    file: "src/socket/channel.ts",
    find: "    this.#isPaused = true;\n    this.#isLost = false;",
    replace: "    this.#isLost = false;",
    test: [
      "test/socket/switch.test.ts",
      "G4 writes nothing until it is released, and then everything in order on the new link",
    ],
  },
  {
    promise: "G5",
    what: "A promise rejects when its time is over",
    file: "src/socket/pending-ack.ts",
    find: 'limited.settle(new ConnectionError("ERR_ACK_TIMEOUT", "operation has timed out"), []);',
    replace: "",
    test: [
      "test/socket/rotor-socket.test.ts",
      "after ackTimeout, time in the outbox included, and leaves no timer",
    ],
  },
  {
    promise: "G6",
    what: "Nobody listens to a link that was switched away from",
    file: "src/socket/channel.ts",
    find: "    this.#socket?.listen(undefined);\n    this.#inbox.dropEvents",
    replace: "    this.#inbox.dropEvents",
    test: [
      "test/socket/switch.test.ts",
      "G6 events of the old link are not delivered any more, those of the new one are",
    ],
  },
  {
    promise: "G7",
    what: "State recovery is offered to the same token only",
    file: "machines/connection.machine.ts",
    find: "context.droppedEpoch !== 0 && context.droppedEpoch === context.epoch",
    replace: "context.droppedEpoch !== 0",
    test: [
      "test/behaviour/servers/identity.test.ts",
      "F1 G7 when the same user gets another token while the connection is down",
    ],
  },
  {
    promise: "G8",
    what: "Another attempt follows the delay",
    file: "machines/connection.machine.ts",
    find: 'reconnectionDelay: { target: "reading", description: "The delay is over." },',
    replace: "",
    test: [
      "test/behaviour/fakes/create-connection.test.ts",
      "G8: with a token and a server, connected is reached without anybody doing anything",
    ],
  },
  {
    promise: "G9",
    what: "The end of the connection ends every subscription",
    file: "src/environment/environment.ts",
    find: "        endWatch();\n",
    replace: "",
    test: ["test/environment/sleep.test.ts", "G9 is not told after the end"],
  },
  {
    promise: "G9",
    what: "The end of the connection closes its links",
    file: "src/io/links.ts",
    find: "for (const opened of open.values()) end(opened);",
    replace: "",
    test: [
      "test/io/links.test.ts",
      "G9: the end closes every link, those that are leaving too, and leaves no timer",
    ],
  },
  {
    promise: "G10",
    what: "The page is looked at when it is needed, not on import",
    file: "src/environment/page.ts",
    find: "export function currentPage(): Window | undefined {",
    replace: "globalThis.window;\nexport function currentPage(): Window | undefined {",
    test: [
      "test/system/leaks/import.test.ts",
      "G10: importing the package changes and touches nothing, and needs no page",
    ],
  },
];
