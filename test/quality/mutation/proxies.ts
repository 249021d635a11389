import type { Mutant } from "./mutant.js";

const PROXIES = "test/unit/sockets/proxies.test.ts";

/** What a Proxy in front of what an application holds must not change. */
export const PROXIED: readonly Mutant[] = [
  {
    promise: "F37",
    what: "A socket's words run on the socket itself",
    file: "src/sockets/emitter.ts",
    find: "    workThroughProxies(this);\n",
    replace: "",
    test: [PROXIES, "F37 a socket's emit does what it does on the bare object"],
  },
  {
    promise: "F37",
    what: "A chained call answers with the Proxy",
    file: "src/sockets/emitter.ts",
    find: "return answer === self ? this : answer;",
    replace: "return answer;",
    test: [PROXIES, "F37 a socket's volatile does what it does on the bare object"],
  },
  {
    promise: "F37",
    what: "The actor can be followed through a Proxy",
    file: "src/connection-logic.ts",
    find: "Object.assign(actor, { [name]: actor[name].bind(actor) });",
    replace: "Object.assign(actor, { [name]: actor[name] });",
    test: [PROXIES, "F37 a connection does what it does on the bare object"],
  },
  {
    promise: "F37",
    what: "A store does not copy a connection",
    file: "src/connection.ts",
    find: "  Object.setPrototypeOf(connection, NO_PLAIN_OBJECT);\n",
    replace: "",
    test: [PROXIES, "F37 Vue can follow a connection deeply, and MobX hears nothing old"],
  },
];
