import type { Log } from "../logger.js";
import { property } from "../value.js";
import { haveOneChannel, hearsForeignServer, reachesOtherNodes } from "./cluster.js";
import { hasEngineMiddleware } from "./engine-middleware.js";
import { allInstalled, type Installed, installedOn } from "./installed.js";
import { checkServer } from "./option.js";
import { SESSION_RULES } from "./sessions/session-rules.js";
import type { Rule, ServerSetup, SetupProblem } from "./setup-problem.js";
import { connectTimeoutOf, hasPatterns, optionOf } from "./socket-io-private.js";
import type { SocketIoServer } from "./socket-io-types.js";

const RULES: readonly Rule[] = [
  {
    code: "recovery_skips_middlewares",
    what: "connectionStateRecovery is on, and skipMiddlewares is not false.",
    why: "A recovered connection would keep its user, with a token that nobody has looked at; authenticateToken sets it to false.",
    fix: "new Server({ connectionStateRecovery: { skipMiddlewares: false } })",
    isBroken: ({ option }) => {
      const recovery = option("connectionStateRecovery");
      return Boolean(recovery) && property(recovery, "skipMiddlewares") !== false;
    },
  },
  {
    code: "wildcard_origin",
    what: "cors lets every origin send credentials.",
    why: 'A page of any site could poll as the user who visits it; with "*" browsers refuse the answer, and polling fails.',
    fix: 'new Server({ cors: { origin: ["https://app.example.com"], credentials: true } })',
    isBroken: ({ cors }) => {
      const origin = cors("origin");
      const isAny = origin === undefined || origin === "*" || origin === true;
      return cors("credentials") === true && isAny;
    },
  },
  {
    code: "origin_unchecked",
    what: "Cookies are in use, and allowOrigins was not called.",
    why: "cors does not apply to websockets: a page of another site could connect with the user's cookies.",
    fix: 'allowOrigins(io, ["https://app.example.com"])',
    isLate: true,
    isBroken: ({ io, installed, option, cors }) =>
      (cors("credentials") === true || Boolean(option("cookie")) || installed?.sessions !== undefined) &&
      !hasEngineMiddleware(io, "origin"),
  },
  {
    code: "cookie_without_credentials",
    what: "The option cookie is set, and cors does not allow credentials.",
    why: "Pages of another origin never send that cookie back, so that a balancer cannot go by it.",
    fix: 'new Server({ cors: { origin: ["https://app.example.com"], credentials: true } })',
    isBroken: ({ option, cors }) =>
      Boolean(option("cookie")) && Boolean(option("cors")) && cors("credentials") !== true,
  },
  {
    code: "empty_namespaces_stay",
    what: "Namespaces are made by a pattern or a function, and empty ones stay.",
    why: "A client without a token makes one with each name it asks for, which is refused, but not freed.",
    fix: "new Server({ cleanupEmptyChildNamespaces: true })",
    isLate: true,
    isBroken: ({ io, option }) => hasPatterns(io) && option("cleanupEmptyChildNamespaces") !== true,
  },
  {
    code: "connect_timeout_short",
    what: "connectTimeout is not longer than verifyTimeout.",
    why: "A connection would be closed without a word before its token can be verified.",
    fix: "new Server({ connectTimeout: 45_000 })",
    isBroken: ({ io, installed }) => {
      const timeout = connectTimeoutOf(io);
      const verifyTimeout = installed?.tokens?.verifyTimeout;
      return timeout !== undefined && verifyTimeout !== undefined && timeout <= verifyTimeout;
    },
  },
  {
    code: "identity_key_random",
    what: "authenticateToken or shareSession was given no identityKey, and clients cannot read who they are: they have a session, or tokens that are no JWT with a sub; or the adapter reaches other nodes.",
    why: "The key is random in each process: after a restart, and on another node, a client takes itself for someone else, and drops what it has queued with ERR_IDENTITY_CHANGED.",
    fix: 'identityKey: process.env.IDENTITY_KEY ?? "", in the options of authenticateToken or shareSession',
    isLate: true,
    isBroken: ({ installed }) => installed?.identityKey.isRandom === true && isKeyOfUse(installed),
  },
  {
    code: "adapter_channel_shared",
    what: "Another Socket.IO server publishes where this one does, and the two are set up for different things: one takes tokens or sessions that the other does not.",
    why: "Each counts the other as a node of its own: every revocation, and every end of a session, waits for a confirmation that never comes.",
    fix: 'createAdapter(publisher, subscriber, { key: "programs" }), with another key for each server; channelPrefix with the sharded and the streams adapter, and streamName with the latter',
    isLate: true,
    isBroken: ({ installed }) =>
      installed !== undefined &&
      (hearsForeignServer(installed.control) || allInstalled().some((other) => isForeign(installed, other))),
  },
];

/** Whether another server of this process is set up for something else, and hears what this one says. */
function isForeign(installed: Installed, other: Installed): boolean {
  const isAlike =
    (installed.tokens === undefined) === (other.tokens === undefined) &&
    (installed.sessions === undefined) === (other.sessions === undefined);
  return !isAlike && haveOneChannel(installed.control, other.control);
}

/** Whether clients go by what the server says of who they are. With tokens and sessions, it is the token that counts. */
function isKeyOfUse({ control, tokens, sessions }: Installed): boolean {
  if (reachesOtherNodes(control)) return true;
  return tokens === undefined ? sessions !== undefined : tokens.hasUnreadable;
}

/**
 * Looks at how a server is set up, as far as tokens and sessions are concerned, and says what is probably a mistake.
 *
 * `authenticateToken` and `shareSession` do this by themselves, when they are called and again at the first connection, and warn of each
 * problem once. Call it where a mistake has to fail a test or the start.
 *
 * @param io - The server, when its set-up is complete.
 * @returns The problems, each with the line to change; none is an empty list.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no Socket.IO server.
 * @example
 * ```ts
 * import { Server } from "socket.io";
 * import { authenticateToken, checkSetup } from "socket-rotor/server";
 *
 * const io = new Server(3000, { connectionStateRecovery: {} });
 * for (const { what, fix } of checkSetup(io)) throw new Error(`${what} Instead: ${fix}`);
 * ```
 */
export function checkSetup(io: SocketIoServer): SetupProblem[] {
  checkServer("checkSetup", io);
  return broken(io).map(({ code, what, why, fix }) => ({ code, what, why, fix }));
}

/** Warns of each problem once; at the start of those only that nothing which comes later can mend. */
export function warnOfProblems(io: SocketIoServer, log: Log, time: "start" | "first connection"): void {
  for (const { code, what, why, fix, isLate = false } of broken(io)) {
    if (time === "start" && isLate) continue;
    log.warnOnce(`setup:${code}`, `${what} ${why} Change: ${fix}`);
  }
}

function broken(io: SocketIoServer): Rule[] {
  const setup: ServerSetup = {
    io,
    installed: installedOn(io),
    option: (name) => optionOf(io, name),
    cors: (name) => property(optionOf(io, "cors"), name),
  };
  return [...RULES, ...SESSION_RULES].filter((rule) => rule.isBroken(setup));
}
