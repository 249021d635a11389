import type { Mutant } from "./mutant.js";

/** Without it all links to a server share one Manager, as plain `io()` does. */
const MANAGER_OF_ITS_OWN = {
  what: "Each link has a Manager of its own",
  file: "src/links/socket-io.ts",
  find: "const manager = new Manager(server.origin, {",
  replace:
    "const shared = (globalThis.shared ??= {});\n    const manager = ((...given) => (shared[server.origin] ??= new Manager(...given)))(server.origin, {",
};

/** F1 to F6: one user's things reach another. */
export const IDENTITY: readonly Mutant[] = [
  {
    promise: "F1",
    what: "What a link left behind is not offered with another user's token",
    file: "src/links/links.ts",
    find: "const offered = left?.version === version ? left.recovery : undefined;",
    replace: "const offered = left?.recovery;",
    test: [
      "test/behaviour/servers/identity.test.ts",
      "F1 when the user changes while the connection is down",
    ],
  },
  {
    promise: "F1",
    what: "What a link left behind is offered only after it was lost",
    file: "src/links/links.ts",
    find: "left = opened.isLost\n        ?",
    replace: "left = true\n        ?",
    test: ["test/unit/links/recovery.test.ts", "F1 nothing of a link that the statechart has closed"],
  },
  {
    promise: "F1",
    what: "A connection that the application has ended is not recovered",
    file: "src/links/links.ts",
    find: 'else if (command.type === "forget") left = undefined;',
    replace: 'else if (command.type === "forget") return;',
    test: ["test/unit/links/recovery.test.ts", "F1 nothing after the application has ended the connection"],
  },
  {
    promise: "F1",
    what: "What a token has put into a socket's data is not kept for the connection that is recovered",
    file: "src/server/recovery.ts",
    find: "data: dataToKeep(socket)",
    replace: "data: socket.data",
    test: [
      "test/unit/server/recovery.test.ts",
      "has of the old token's data what the new token has too, and what the application has put there",
    ],
  },
  {
    promise: "F2",
    what: "What waits of another user is dropped once the current one is certain",
    file: "src/parts.ts",
    find: "onCertain: () => traffic.dropOthers(),",
    replace: "onCertain() {},",
    test: [
      "test/behaviour/servers/identity.test.ts",
      "F2 another user connects: the server receives none of it, and the caller is told",
    ],
  },
  {
    promise: "F2",
    what: "A server that has named the user of an opaque token names it again before anything is sent",
    file: "src/links/open-link.ts",
    find: "this.isCertain = tokenStore.owners.isKnown;",
    replace: "this.isCertain = true;",
    test: [
      "test/behaviour/servers/unknown-user.test.ts",
      "F2 the server half says that the same token is another user's by now: what waited is dropped",
    ],
  },
  {
    promise: "F3",
    what: "Socket.IO's own queue of retries cannot be turned on",
    file: "src/words/options.ts",
    find: '  retries: "emitWithAck, which always settles",\n',
    replace: "",
    test: ["test/behaviour/servers/identity.test.ts", "F3 Socket.IO's own queue cannot be turned on"],
  },
  {
    promise: "F3",
    what: "What waits is dropped where nobody is signed in, and nothing waits from then on",
    file: "machines/connection.machine.ts",
    find: 'entry: ["closeLinks", "abandonLinks", "refuseTraffic", "signOut"],',
    replace: 'entry: ["closeLinks", "abandonLinks", "signOut"],',
    test: [
      "test/unit/signed-out.test.ts",
      "F3 where the server has refused the token for good, what waits is dropped and told, and nothing waits from then on",
    ],
  },
  {
    promise: "F4",
    what: "The link of the last user is closed",
    file: "src/links/links.ts",
    find: "        : undefined;\n      opened.close();",
    replace: "        : undefined;",
    test: [
      "test/behaviour/servers/identity.test.ts",
      "F4 after a switch one socket is left, and nothing of the old user's arrives",
    ],
  },
  {
    promise: "F5",
    what: "Only the answer to the newest read counts",
    file: "src/credential/storage-access.ts",
    find: "if (isOvertaken) return false;",
    replace: "",
    test: ["test/unit/credential/token-source.test.ts", "F5: only the answer to the newest read counts"],
  },
  {
    promise: "F6",
    ...MANAGER_OF_ITS_OWN,
    test: [
      "test/behaviour/servers/identity.test.ts",
      "F6 an acknowledgement that was kept from an old link reaches no other, of grace",
    ],
  },
  {
    promise: "F6",
    what: "A reply ends with the time that its link was in the namespace",
    file: "src/sockets/channel.ts",
    find: "    for (const old of this.#oldStays) old.socket = undefined;\n",
    replace: "",
    test: [
      "test/unit/sockets/replies.test.ts",
      "F6: does nothing once the server let go the namespace and joined it again on the same link",
    ],
  },
  {
    promise: "F13",
    ...MANAGER_OF_ITS_OWN,
    test: ["test/behaviour/servers/token-change.test.ts", "F13 every namespace presents the new token"],
  },
];
