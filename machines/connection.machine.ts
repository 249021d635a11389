import type { AnyActorLogic } from "xstate";
import { and, assign, cancel, enqueueActions, fromCallback, not, sendTo, setup } from "xstate";

/** What a failure asks for: `retry` after a delay, `refresh` of the token, or `logout`: it can never succeed. */
export type Verdict = "retry" | "refresh" | "logout";

/** What the server says about the session: it or its user has changed, nobody is signed in, or it has ended. */
export type SessionWord = "changed" | "required" | "ended";

/** An event or a command that is a name alone, and one about a link, by the link's number. */
type Named<Type extends string> = Type extends string ? { type: Type } : never;
type OfLink<Type extends string> = Type extends string ? { type: Type; link: number } : never;

/**
 * What the credential chart tells this one: certain facts about the token, never the token.
 *
 * - `token.changed`: another token, or the same one in another session. `isOtherUser`: it belongs to another user, or it
 *   may. `isOpaque`: only the server can say whose it is. `isExpired`: it is over by its own word.
 * - `token.certain`: the storage still holds the current token. `token.refused`: it does, and the server has refused that
 *   token, but a refresh may help. `token.rejected`: it does, and the server has refused that token for good.
 * - `token.refreshing`: a refresh ahead of expiry has begun.
 */
export type CredentialFact =
  | { type: "token.changed"; version: number; isOtherUser: boolean; isOpaque?: boolean; isExpired?: boolean }
  | { type: "token.certain"; isExpired?: boolean }
  | Named<"token.refused" | "token.rejected" | "token.removed" | "token.refreshing">
  | { type: "token.unreadable"; code: string }
  | { type: "token.refreshFailed"; code: string };

/** What a server said no to, and why. `version`: of the token that it is about. `retryAfter`: in milliseconds. */
type Refusal = { version: number; code: string; session?: SessionWord; retryAfter?: number };

/**
 * What a link reports under its number. A number that is not current any more is ignored.
 *
 * - `io.connected`: the server has accepted it, and the user is certain.
 * - `io.ready`: what the server says about itself, after `io.connected`.
 * - `io.reauthenticated`, `io.reauthenticationFailed`: its answer to another token on the same link. `replace`: it takes
 *   none there. `isOtherUser`: the token belongs to another user than the link.
 * - `io.settled`: the server has read what was written, or everything pending has come in.
 * - `io.ended`: the link is of no more use. `reason` is there if it was connected before.
 */
export type IoEvent =
  | OfLink<"io.connected" | "io.settled">
  | { type: "io.ready"; link: number; reauthenticate: boolean }
  | { type: "io.reauthenticated"; link: number; version: number }
  | (OfLink<"io.reauthenticationFailed"> & { verdict: Verdict | "replace"; isOtherUser?: boolean } & Refusal)
  | (OfLink<"io.ended"> & { verdict: Verdict; reason?: string } & Refusal);

/** The page or the network was away: the token may have changed, and a link may be dead. */
export type EnvironmentEvent = { type: "environment.resumed" };
/** What the application asks for. */
export type CommandEvent = Named<"connect" | "disconnect" | "refresh">;
/** This chart was stopped, and is started again: its links are gone. */
export type RestartEvent = { type: "links.lost" };
export type ConnectionEvent = CredentialFact | IoEvent | EnvironmentEvent | CommandEvent | RestartEvent;

/** What the options of a connection come to in the chart. All times are milliseconds. */
export interface ConnectionSettings {
  reconnectionAttempts: number;
  rotation: "auto" | "overlap" | "replace";
  /** Whether the option `refresh` was given. */ hasRefresh: boolean;
  /** Whether the credential is a cookie, which nobody here can read. */ isCookie: boolean;
  stableAfter: number;
  drainTimeout: number;
}

/** Numbers and codes, never a token, a claim, a socket or an error object. A version or a link is 0 while there is none. */
export interface ConnectionContext {
  /** The version of the current token. */ version: number;
  /** Whether only the server can say whose that token is. */ isOpaque: boolean;
  /** The link that carries the traffic, or will. */ link: number;
  /** The link that is being opened beside it. */ nextLink: number;
  /** The link before, which is finishing. */ oldLink: number;
  /** The version of the token that `link` was authenticated with. */ linkVersion: number;
  /** Whether the server of `link` takes another token in place. */ hasReauthentication: boolean;
  /** How many links were opened; the next one gets the next number. */ linksOpened: number;
  /** Failures in a row, forgiven after a link has been up for `stableAfter`. */ attempt: number;
  /** Whether "retry at once" has been used since the last stable link. */ hasRetriedAtOnce: boolean;
  /** The code of the last failure; `null` once connected. */ code: string | null;
  /** How long the server asked to wait, in milliseconds; `null` if it did not. */ retryAfter: number | null;
  settings: ConnectionSettings;
}

/**
 * To the credential chart. `read`: look at the storage now, and answer with one fact. `refresh`: ask for a fresh token,
 * unless that is under way. `watch`, `unwatch`: refresh it ahead of its expiry, or not now. `refused`, `accepted`: the
 * server did so with the token. `retry`: the application wants a rejected one tried again. `session.changed`: the server
 * asks for a new handshake; `session.expected`: one is made anyway. `named`: the server has named the user of a session.
 * `signedOut`: nobody is signed in.
 */
export type CredentialCommand =
  | Named<"read" | "refresh" | "session.changed" | "session.expected" | "accepted" | "retry">
  | Named<"watch" | "unwatch" | "named" | "signedOut">
  | { type: "refused"; version: number };

/**
 * To the links. `close` is at once; `leave` and `settle` wait, within a limit, until the server has read what was written;
 * `abandon` closes what was left; `check` proves in time that the link is alive; `forget` drops what could be recovered.
 */
export type LinksCommand =
  | { type: "open"; link: number; version: number }
  | { type: "reauthenticate"; link: number; version: number }
  | OfLink<"check" | "settle" | "leave" | "close">
  | Named<"abandon" | "forget">;

/**
 * To the application's sockets and their queues. `switch` attaches a link and keeps the acknowledgements that the last one
 * owes; `drain` asks to be told when they are in; `finish` gives them up. `pause` keeps messages from being
 * written until `resume`; replies and events go on. `renew`: another token may open a namespace that was refused.
 */
export type TrafficCommand =
  | Named<"start" | "stop" | "finish" | "pause" | "resume" | "accept" | "renew">
  | OfLink<"attach" | "switch" | "drain">
  | { type: "detach"; reason: string }
  | { type: "refuse"; code: "ERR_LOGGED_OUT" }
  | { type: "fail"; code: string };

/** What the context holds about links while there is none. */
const NO_LINKS = { link: 0, nextLink: 0, oldLink: 0, hasReauthentication: false };
/** The links that there are. The current one comes last: what it leaves behind may be recovered. */
const linksOf = ({ nextLink, oldLink, link }: ConnectionContext): number[] =>
  [nextLink, oldLink, link].filter((each) => each !== 0);

/** The reason that the application hears in `disconnect` when the current link is closed. */
const disconnectReason = (event: ConnectionEvent): string =>
  ("reason" in event ? event.reason : undefined) ??
  ("isOtherUser" in event || event.type === "io.settled" ? "token rotation" : "io client disconnect");

/** How long the server asked to be left alone; a number that is no time counts as none. */
const stayOf = (event: ConnectionEvent): number | null => {
  const stay = "retryAfter" in event ? event.retryAfter : undefined;
  return Number.isFinite(stay) && stay !== undefined && stay >= 0 ? stay : null;
};

/** What the server said about the token and its session, for the credential. */
const verdictOf = (event: ConnectionEvent): CredentialCommand[] => {
  if (!("verdict" in event)) return [];
  const { verdict, version, session } = event;
  const commands: CredentialCommand[] = [];
  if (session === "changed")
    commands.push({ type: event.type === "io.ended" ? "session.changed" : "session.expected" });
  if (verdict === "refresh" || verdict === "logout") commands.push({ type: "refused", version });
  return commands;
};

/** Whether an event comes from this link. */
const isFrom = (event: ConnectionEvent, link: number): boolean =>
  "link" in event && link !== 0 && event.link === link;

/** `credentialMachine` takes this place, or whatever understands {@link CredentialCommand}. */
const credential: AnyActorLogic = fromCallback<CredentialCommand>(() => {});

const chart = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    // Part of ConnectionSettings. `connectionLogic` takes something else, which shows nothing.
    input: {} as object | undefined,
    children: {} as { [Id in "credential" | "links" | "traffic" | "environment"]: Id },
  },
  actors: {
    credential,
    links: fromCallback<LinksCommand>(() => {}),
    traffic: fromCallback<TrafficCommand>(() => {}),
    environment: fromCallback(() => {}),
  },
  delays: {
    /** Before the next attempt. The real one, `createBackoff`, has full jitter; this one is its upper bound. */
    reconnectionDelay: ({ context }) =>
      Math.max(context.retryAfter ?? 0, Math.min(30_000, 1_000 * 2 ** Math.max(0, context.attempt - 1))),
    stableAfter: ({ context }) => context.settings.stableAfter,
    drainTimeout: ({ context }) => context.settings.drainTimeout,
  },
  guards: {
    // Which link or answer an event is about.
    isCurrentLink: ({ context, event }) => isFrom(event, context.link),
    isNextLink: ({ context, event }) => isFrom(event, context.nextLink),
    isOldLink: ({ context, event }) => isFrom(event, context.oldLink),
    isCurrentAnswer: ({ context, event }) =>
      "version" in event && isFrom(event, context.link) && event.version === context.version,
    // What there is, and what the options allow.
    hasToken: ({ context }) => context.version !== 0,
    canRefresh: ({ context }) => context.version !== 0 && context.settings.hasRefresh,
    /** It is refreshed before it is sent. */
    isExpired: ({ context, event }) =>
      "isExpired" in event && event.isExpired === true && context.settings.hasRefresh,
    /** The failed attempt is counted already. */
    hasAttemptsLeft: ({ context }) => context.attempt <= context.settings.reconnectionAttempts,
    mayRetryAtOnce: ({ context }) => !context.hasRetriedAtOnce,
    /** The new token is certainly the same user's. */
    isSameUser: ({ event }) => event.type === "token.changed" && !event.isOtherUser,
    isUpToDate: ({ context }) => context.link !== 0 && context.linkVersion === context.version,
    canReauthenticate: ({ context }) =>
      context.hasReauthentication && context.settings.rotation !== "replace",
    /** `overlap` is allowed, and the token says whose it is: two links of two users are never open. */
    canOverlap: ({ context }) => context.settings.rotation === "overlap" && !context.isOpaque,
    // What the server said.
    isRetry: ({ event }) => "verdict" in event && event.verdict === "retry",
    isRefresh: ({ event }) => "verdict" in event && event.verdict === "refresh",
    isLogout: ({ event }) => "verdict" in event && event.verdict === "logout",
    isReplace: ({ event }) => "verdict" in event && event.verdict === "replace",
    /** Nobody is signed in in the session of the cookie. */
    isSessionOver: ({ context, event }) =>
      context.settings.isCookie && "session" in event && ["required", "ended"].includes(event.session ?? ""),
    /** The server asks for another attempt at once, and one is left. */
    isAtOnce: ({ context: { attempt, settings }, event }) =>
      "retryAfter" in event && event.retryAfter === 0 && attempt < settings.reconnectionAttempts,
    /** The handshake was refused, and nothing has failed since the last stable link. */
    isFirstRefusal: ({ context, event }) =>
      event.type === "io.ended" && event.reason === undefined && context.attempt === 0,
    /** The server says that the current token is another user's than the link that it was offered on. */
    isOtherUsersAnswer: ({ context, event }) =>
      event.type === "io.reauthenticationFailed" &&
      event.isOtherUser === true &&
      event.version === context.version &&
      (event.link === context.link || event.link === context.oldLink),
    // What comes of the end of a link, and of an answer.
    isSignOut: and(["isCurrentLink", "isLogout", "isSessionOver"]),
    isRejection: and(["isCurrentLink", "isLogout"]),
    canRefreshAtOnce: and(["isCurrentLink", "isRefresh", "isFirstRefusal"]),
    canRetryAtOnce: and(["isCurrentLink", "isRetry", "isAtOnce", "mayRetryAtOnce"]),
    /** It concerns only the token that the link was opened with. */
    isOldTokenRefused: and(["isOutdated", not("isRetry")]),
    isNextRejection: and(["isNextLink", "isLogout"]),
    canRefreshNext: and(["isNextLink", "isRefresh"]),
    isOutdated: and(["isCurrentLink", not("isUpToDate")]),
    isReplaceAnswer: and(["isCurrentAnswer", "isReplace"]),
    isLogoutAnswer: and(["isCurrentAnswer", "isLogout"]),
    isRefreshAnswer: and(["isCurrentAnswer", "isRefresh"]),
  },
  actions: {
    // To the credential; what each command does is said at CredentialCommand.
    readToken: sendTo("credential", { type: "read" }),
    /** The same after the delay, unless `stopReading` comes first. */
    readTokenLater: sendTo("credential", { type: "read" }, { id: "read later", delay: "reconnectionDelay" }),
    stopReading: cancel("read later"),
    refreshToken: sendTo("credential", { type: "refresh" }),
    acceptToken: sendTo("credential", { type: "accepted" }),
    retryToken: sendTo("credential", { type: "retry" }),
    watchToken: sendTo("credential", { type: "watch" }),
    unwatchToken: sendTo("credential", { type: "unwatch" }),
    signOut: sendTo("credential", { type: "signedOut" }),
    reportVerdict: enqueueActions(({ event, enqueue }) => {
      for (const command of verdictOf(event)) enqueue.sendTo("credential", command);
    }),
    // What is known of the token, of the link, and of failures.
    adoptToken: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "token.changed") return;
      if (event.isOtherUser) enqueue.sendTo("links", { type: "abandon" });
      enqueue.assign({ version: event.version, isOpaque: event.isOpaque === true });
      enqueue.sendTo("traffic", { type: "renew" });
    }),
    forgetToken: assign({ version: 0, isOpaque: false }),
    noteReady: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "io.ready") return;
      enqueue.assign({ hasReauthentication: event.reauthenticate });
      enqueue.sendTo("credential", { type: "named" });
    }),
    noteReauthenticated: assign({ linkVersion: ({ context }) => context.version }),
    forgetReauthentication: assign({ hasReauthentication: false }),
    /** Count a failure, keep its code, and tell the credential and the application. */
    noteFailure: enqueueActions(({ context, event, enqueue }) => {
      if (!("code" in event)) return;
      const { code } = event;
      enqueue.assign({ attempt: context.attempt + 1, code, retryAfter: stayOf(event) });
      for (const command of verdictOf(event)) enqueue.sendTo("credential", command);
      if (!("reason" in event)) enqueue.sendTo("traffic", { type: "fail", code });
    }),
    /** Keep the code of a refresh ahead of expiry that failed: the link is not affected. */
    noteRefreshFailure: assign(({ event }) => ("code" in event ? { code: event.code } : {})),
    /** That nobody is signed in is no failure; that a session has ended is worth telling. */
    noteSignOut: assign({
      code: ({ event }) => ("session" in event && event.session === "ended" ? event.code : null),
      retryAfter: null,
    }),
    forgive: assign({ attempt: 0, retryAfter: null, hasRetriedAtOnce: false }),
    markRetriedAtOnce: assign({ hasRetriedAtOnce: true }),
    forgetRetryAfter: assign({ retryAfter: null }),
    /** A working link clears the code of the failures before it, but not their count. */
    clearFailure: assign({ code: null, retryAfter: null }),
    // To the links; what each command does is said at LinksCommand.
    /** Open a link for the current token, unless one is being opened. */
    openLink: enqueueActions(({ context: { link, linksOpened, version }, enqueue }) => {
      if (link !== 0) return;
      enqueue.assign({ link: linksOpened + 1, linkVersion: version, linksOpened: linksOpened + 1 });
      enqueue.sendTo("links", { type: "open", link: linksOpened + 1, version });
    }),
    openNextLink: enqueueActions(({ context: { linksOpened, version }, enqueue }) => {
      enqueue.assign({ nextLink: linksOpened + 1, linksOpened: linksOpened + 1 });
      enqueue.sendTo("links", { type: "open", link: linksOpened + 1, version });
    }),
    closeNextLink: enqueueActions(({ context, enqueue }) => {
      if (context.nextLink === 0) return;
      enqueue.sendTo("links", { type: "close", link: context.nextLink });
      enqueue.assign({ nextLink: 0 });
    }),
    /** The new link is current from now on; the old one only finishes. */
    switchLink: enqueueActions(({ context, enqueue }) => {
      const { link: oldLink, nextLink: link, version: linkVersion } = context;
      enqueue.sendTo("traffic", { type: "switch", link });
      enqueue.assign({ ...NO_LINKS, oldLink, link, linkVersion });
    }),
    /** The old link is gone: the one that is being opened takes its place. */
    promoteNextLink: enqueueActions(({ context, event, enqueue }) => {
      enqueue.sendTo("traffic", { type: "detach", reason: disconnectReason(event) });
      enqueue.sendTo("links", { type: "close", link: context.link });
      enqueue.assign({ ...NO_LINKS, link: context.nextLink, linkVersion: context.version });
    }),
    closeOldLink: enqueueActions(({ context, enqueue }) => {
      enqueue.sendTo("traffic", { type: "finish" });
      enqueue.sendTo("links", { type: "close", link: context.oldLink });
      enqueue.assign({ oldLink: 0 });
    }),
    /** Close every link at once. */
    closeLinks: enqueueActions(({ context, event, enqueue }) => {
      if (context.link !== 0) enqueue.sendTo("traffic", { type: "detach", reason: disconnectReason(event) });
      for (const link of linksOf(context)) enqueue.sendTo("links", { type: "close", link });
      enqueue.assign(NO_LINKS);
    }),
    /** Close each link that is up once the server has read what was written on it. */
    leaveLinks: enqueueActions(({ context, event, enqueue }) => {
      enqueue.sendTo("traffic", { type: "detach", reason: disconnectReason(event) });
      for (const link of linksOf(context))
        enqueue.sendTo("links", { type: link === context.nextLink ? "close" : "leave", link });
      enqueue.assign(NO_LINKS);
    }),
    loseLinks: assign(NO_LINKS),
    abandonLinks: sendTo("links", { type: "abandon" }),
    forgetRecovery: sendTo("links", { type: "forget" }),
    settleLink: sendTo("links", ({ context: { link } }) => ({ type: "settle", link })),
    settleOldLink: sendTo("links", ({ context }) => ({ type: "settle", link: context.oldLink })),
    checkLink: sendTo("links", ({ context: { link } }) => ({ type: "check", link })),
    reauthenticateLink: sendTo("links", ({ context: { link, version } }) => ({
      type: "reauthenticate",
      link,
      version,
    })),
    // To the application's sockets; what each command does is said at TrafficCommand.
    startTraffic: sendTo("traffic", { type: "start" }),
    stopTraffic: sendTo("traffic", { type: "stop" }),
    attachTraffic: sendTo("traffic", ({ context: { link } }) => ({ type: "attach", link })),
    drainTraffic: sendTo("traffic", ({ context }) => ({ type: "drain", link: context.oldLink })),
    pauseTraffic: sendTo("traffic", { type: "pause" }),
    resumeTraffic: sendTo("traffic", { type: "resume" }),
    refuseTraffic: sendTo("traffic", { type: "refuse", code: "ERR_LOGGED_OUT" }),
    acceptTraffic: sendTo("traffic", { type: "accept" }),
  },
});

/**
 * The connection chart: every decision about connecting, rotating and closing.
 *
 * It is pure: it opens nothing and reads nothing. Four actors do the work: `credential` (a chart of its own), `links`,
 * `traffic` and `environment`. The stubs here do nothing, so that the chart runs as it is in a visualizer.
 */
export const connectionMachine = chart.createMachine({
  id: "connection",
  description: "One Socket.IO connection that always carries the right credential.",
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    version: 0,
    isOpaque: false,
    link: 0,
    nextLink: 0,
    oldLink: 0,
    linkVersion: 0,
    hasReauthentication: false,
    linksOpened: 0,
    attempt: 0,
    hasRetriedAtOnce: false,
    code: null,
    retryAfter: null,
    settings: {
      reconnectionAttempts: Number.POSITIVE_INFINITY,
      rotation: "auto",
      hasRefresh: false,
      isCookie: false,
      stableAfter: 5_000,
      drainTimeout: 5_000,
      ...input,
    },
  }),
  // In this order: traffic and links must listen before the others speak, and a credential that looks at the storage when
  // the page resumes is heard after the environment, so that the link is known to be in doubt.
  invoke: [
    { src: "traffic", id: "traffic" },
    { src: "links", id: "links" },
    { src: "environment", id: "environment" },
    {
      src: "credential",
      id: "credential",
      input: ({ context }: { context: ConnectionContext }) => context.settings,
    },
  ],
  initial: "idle",
  on: {
    "token.removed": {
      target: ".loggedOut.signedOut",
      actions: ["forgetToken", "clearFailure"],
      description: "Signed out, here or in another tab.",
    },
    "token.unreadable": {
      target: ".connecting.failed",
      actions: ["closeLinks", "noteFailure"],
      description: "The storage cannot be read: close, and try again. Nobody is signed out.",
    },
    "io.ready": {
      guard: "isCurrentLink",
      actions: "noteReady",
      description: "What the server says about itself, and that it has named the user.",
    },
    "io.ended": [
      {
        guard: "isSignOut",
        target: ".loggedOut.signedOut",
        actions: ["closeLinks", "noteSignOut"],
        description: "Nobody is signed in in the session of the cookie.",
      },
      {
        guard: "isRejection",
        target: ".loggedOut.rejected",
        actions: ["closeLinks", "noteFailure"],
        description: "The server refused the token, and no refresh can help.",
      },
      {
        guard: "canRefreshAtOnce",
        target: ".connecting.refreshing",
        actions: ["closeLinks", "noteFailure"],
        description: "The token is refused: refresh it once, and never send it again.",
      },
      {
        guard: "canRetryAtOnce",
        target: ".connecting.reading",
        actions: ["closeLinks", "noteFailure", "markRetriedAtOnce"],
        description: "The server asks for another attempt at once.",
      },
      {
        guard: "isCurrentLink",
        target: ".connecting.failed",
        actions: ["closeLinks", "noteFailure"],
        description: "An outage, or a refusal soon after another failure: try again after the delay.",
      },
    ],
    "environment.resumed": {
      actions: "readToken",
      description: "The token may have changed while the page or the network was away.",
    },
    "links.lost": {
      target: ".connecting.reading",
      actions: "loseLinks",
      description: "The actor was stopped and is started again: its links are gone.",
    },
    disconnect: {
      target: ".idle.stopped",
      description: "The application stops the connection.",
    },
  },
  states: {
    idle: {
      description: "Not started, stopped by the application, or out of attempts. There is no link.",
      entry: ["closeLinks", "stopTraffic"],
      exit: "startTraffic",
      initial: "stopped",
      on: {
        "token.unreadable": { description: "Without a link nothing depends on it." },
        "links.lost": { description: "There was no link." },
      },
      states: {
        stopped: {
          description: "Waits for `connect`. The token is followed nevertheless.",
          entry: "forgetRecovery",
          on: {
            connect: {
              target: "#connection.connecting.reading",
              actions: "forgive",
              description: "The application starts the connection.",
            },
            "token.changed": {
              actions: "adoptToken",
              description: "The newest token wins; the application has not asked for a link.",
            },
            "token.removed": {
              actions: ["abandonLinks", "forgetToken"],
              description: "Signed out while stopped: what was queued is dropped.",
            },
            "environment.resumed": { description: "Stopped stays stopped." },
            disconnect: { description: "It is stopped already." },
          },
        },
        exhausted: {
          description: "`reconnectionAttempts` is used up.",
          on: {
            connect: {
              target: "#connection.connecting.reading",
              actions: "forgive",
              description: "The application asks for another round of attempts.",
            },
            "token.changed": {
              target: "#connection.connecting.reading",
              actions: ["forgive", "adoptToken"],
              description: "A new token is worth another round of attempts.",
            },
            "environment.resumed": {
              target: "#connection.connecting.reading",
              actions: "forgive",
              description: "The network or the user is back: another round of attempts.",
            },
          },
        },
      },
    },

    connecting: {
      description: "No usable link, working on one.",
      initial: "reading",
      on: {
        "token.changed": [
          {
            guard: "isExpired",
            target: ".refreshing",
            actions: ["closeLinks", "adoptToken"],
            description: "The newest token has expired: refresh it instead of sending it.",
          },
          {
            target: ".opening",
            actions: ["closeLinks", "adoptToken"],
            description: "The newest token wins: start over with it.",
          },
        ],
        refresh: {
          guard: "canRefresh",
          target: ".refreshing",
          description: "The application asks for a fresh token first.",
        },
      },
      states: {
        reading: {
          description: "Asks for the token, before every attempt.",
          entry: ["closeLinks", "readToken"],
          on: {
            "token.certain": [
              {
                guard: "isExpired",
                target: "refreshing",
                description: "It is still the right one, but has expired: refresh it instead of sending it.",
              },
              { target: "opening", description: "The known token is still the right one." },
            ],
            "token.refused": {
              target: "refreshing",
              description: "It is still the one that was refused: refresh it instead of sending it again.",
            },
            "token.rejected": {
              target: "#connection.loggedOut.rejected",
              description: "It is still the one that was refused for good: it is not sent again.",
            },
          },
        },
        opening: {
          description: "A link is being opened with the current token.",
          entry: "openLink",
          on: {
            "io.connected": {
              guard: "isCurrentLink",
              target: "#connection.connected",
              description: "The server accepted the token, and the user of the link is certain.",
            },
          },
        },
        failed: {
          description: "An attempt has failed. Left at once.",
          always: [
            {
              guard: "hasAttemptsLeft",
              target: "waiting",
              description: "Try again after the delay.",
            },
            {
              target: "#connection.idle.exhausted",
              description: "`reconnectionAttempts` is used up.",
            },
          ],
        },
        waiting: {
          description: "Waits before the next attempt.",
          entry: "closeLinks",
          on: {
            "token.unreadable": { description: "The token is read again after the delay." },
            "environment.resumed": {
              target: "reading",
              description: "The network or the user is back: no reason to wait.",
            },
            connect: [
              {
                guard: "mayRetryAtOnce",
                target: "reading",
                actions: ["markRetriedAtOnce", "forgetRetryAfter"],
                description: "The application does not want to wait; granted once per stable link.",
              },
              {
                target: "waiting",
                reenter: true,
                actions: "forgetRetryAfter",
                description: "Once more: it waits for the delay, but not for what the server asked for.",
              },
            ],
          },
          after: {
            reconnectionDelay: { target: "reading", description: "The delay is over." },
          },
        },
        refreshing: {
          description:
            "The token was refused, or has expired: a fresh one is asked for. Nothing is sent meanwhile.",
          entry: ["closeLinks", "refreshToken"],
          on: {
            "token.refreshFailed": {
              target: "failed",
              actions: "noteFailure",
              description: "No fresh token could be had: try again, and sign nobody out.",
            },
            "token.unreadable": { description: "The refresh goes on." },
            refresh: { description: "A refresh is under way." },
          },
        },
      },
    },

    connected: {
      description: "A link that was authenticated with the current token carries the traffic.",
      entry: ["clearFailure", "acceptToken", "attachTraffic", "resumeTraffic"],
      initial: "steady",
      on: {
        "token.changed": [
          {
            guard: "isSameUser",
            target: "rotating",
            actions: "adoptToken",
            description: "A newer token of the same user.",
          },
          {
            target: "rotating.replacing.opening",
            actions: ["closeLinks", "adoptToken"],
            description: "Another user: the link is closed at once, and what was queued is dropped.",
          },
        ],
        "environment.resumed": {
          target: ".checking",
          description: "The token may have changed, and the link may be dead.",
        },
        disconnect: {
          target: "idle.stopped",
          actions: "leaveLinks",
          description: "The application stops; the server reads first what was written.",
        },
      },
      after: {
        stableAfter: { actions: "forgive", description: "The link is stable: past failures are forgiven." },
      },
      states: {
        steady: {
          description: "The token is good, and is refreshed ahead of its expiry.",
          entry: "watchToken",
          exit: "unwatchToken",
          on: {
            refresh: {
              guard: "canRefresh",
              target: "refreshing",
              description: "The application asks for a fresh token.",
            },
            "token.refreshing": { target: "refreshing", description: "The token expires soon." },
          },
        },
        refreshing: {
          description: "A fresh token is asked for; the link goes on with the current one.",
          entry: "refreshToken",
          on: {
            "token.refreshFailed": {
              target: "steady",
              actions: "noteRefreshFailure",
              description: "The current token is still good, and the refresh is tried again.",
            },
          },
        },
        checking: {
          description:
            "The page or the network was away. Nothing is written until the link proves to be alive.",
          entry: ["pauseTraffic", "readToken"],
          on: {
            "token.certain": {
              actions: "checkLink",
              description: "The same token: now the link has to prove that it is alive.",
            },
            "token.changed": {
              guard: "isSameUser",
              actions: ["adoptToken", "checkLink"],
              description: "A newer token of the same user: first the link has to prove that it is alive.",
            },
            refresh: {
              guard: "canRefresh",
              actions: "refreshToken",
              description: "The application asks for a fresh token.",
            },
            "token.refreshFailed": {
              actions: "noteRefreshFailure",
              description: "The current token is still good.",
            },
            "io.ended": {
              guard: "isOldTokenRefused",
              target: "#connection.rotating.replacing.opening",
              actions: "closeLinks",
              description: "Only the old token is refused, and the new one is there.",
            },
            "io.settled": [
              {
                guard: "isOutdated",
                target: "#connection.rotating",
                description: "The link is alive, and there is a newer token.",
              },
              {
                guard: "isCurrentLink",
                target: "steady",
                actions: "resumeTraffic",
                description: "The link is alive.",
              },
            ],
          },
        },
      },
    },

    rotating: {
      description: "The connection is changing over to a newer token.",
      initial: "choosing",
      on: {
        "token.changed": [
          {
            guard: "isSameUser",
            target: ".choosing",
            actions: "adoptToken",
            description: "The newest token wins: start over with it.",
          },
          {
            target: ".replacing.opening",
            actions: ["closeLinks", "adoptToken"],
            description: "Another user: what is open is closed at once, and what was queued is dropped.",
          },
        ],
        // Also from a server that took too long, when a weaker way has been taken already.
        "io.reauthenticationFailed": {
          guard: "isOtherUsersAnswer",
          target: ".replacing.opening",
          actions: ["closeLinks", "abandonLinks"],
          description: "The server says that this is another user: what is open is closed at once.",
        },
        disconnect: {
          target: "idle.stopped",
          actions: "leaveLinks",
          description: "The application stops; the server reads first what was written.",
        },
      },
      states: {
        choosing: {
          description: "Takes the strongest way that is available. Left at once.",
          entry: "closeNextLink",
          always: [
            {
              guard: "isUpToDate",
              target: "#connection.connected",
              description: "The link has the newest token.",
            },
            {
              guard: "canReauthenticate",
              target: "reauthenticating",
              description: "The server takes another token on the same link.",
            },
            {
              guard: "canOverlap",
              target: "overlapping",
              description: "The application allows two links for a moment.",
            },
            { target: "replacing", description: "This works always." },
          ],
        },
        reauthenticating: {
          description: "The server is asked to take the token on the same link. Traffic goes on.",
          initial: "asking",
          on: {
            "io.ended": {
              guard: "isOldTokenRefused",
              target: "replacing.opening",
              actions: "closeLinks",
              description: "Only the old token is refused, and the new one is there.",
            },
          },
          states: {
            asking: {
              description: "The token is on its way.",
              entry: ["resumeTraffic", "reauthenticateLink"],
              on: {
                "io.reauthenticated": {
                  guard: "isCurrentAnswer",
                  target: "#connection.connected",
                  actions: "noteReauthenticated",
                  description: "The server accepted the token.",
                },
                "io.reauthenticationFailed": [
                  {
                    guard: "isOtherUsersAnswer",
                    target: "#connection.rotating.replacing.opening",
                    actions: ["closeLinks", "abandonLinks"],
                    description: "The server says that this is another user: the link is closed at once.",
                  },
                  {
                    guard: "isReplaceAnswer",
                    target: "#connection.rotating.choosing",
                    actions: ["forgetReauthentication", "reportVerdict"],
                    description: "The server does not take it on this link, or has not answered in time.",
                  },
                  {
                    guard: "isLogoutAnswer",
                    target: "#connection.loggedOut.rejected",
                    actions: ["closeLinks", "noteFailure"],
                    description: "The server refused the token, and no refresh can help.",
                  },
                  {
                    guard: "isRefreshAnswer",
                    target: "#connection.rotating.refreshing",
                    actions: "noteFailure",
                    description: "The server refused the token: refresh it while the old link stays.",
                  },
                  {
                    guard: "isCurrentAnswer",
                    target: "waiting",
                    actions: "noteFailure",
                    description: "Not now: ask again after the delay.",
                  },
                ],
              },
            },
            waiting: {
              description: "Waits before the server is asked again. Traffic goes on.",
              on: {
                connect: [
                  {
                    guard: "mayRetryAtOnce",
                    target: "asking",
                    actions: ["markRetriedAtOnce", "forgetRetryAfter"],
                    description: "The application does not want to wait; granted once per stable link.",
                  },
                  {
                    target: "waiting",
                    reenter: true,
                    actions: "forgetRetryAfter",
                    description: "Once more: it waits for the delay, but not for what the server asked for.",
                  },
                ],
              },
              after: { reconnectionDelay: { target: "asking", description: "The delay is over." } },
            },
          },
        },
        overlapping: {
          description: "A new link is opened beside the old one, which carries the traffic until then.",
          initial: "opening",
          on: {
            "io.ended": [
              {
                guard: "isNextRejection",
                target: "#connection.loggedOut.rejected",
                actions: ["closeLinks", "noteFailure"],
                description: "The server refused the newest token, and no refresh can help.",
              },
              {
                guard: "canRefreshNext",
                target: "#connection.rotating.refreshing",
                actions: ["closeNextLink", "noteFailure"],
                description: "The server refused the newest token: refresh it while the old link stays.",
              },
              {
                guard: "isNextLink",
                target: ".waiting",
                actions: ["closeNextLink", "noteFailure"],
                description: "The new link failed: the old one goes on.",
              },
              {
                guard: "isCurrentLink",
                target: "#connection.rotating.replacing.opening",
                actions: "promoteNextLink",
                description: "The old link is gone: the new one takes its place.",
              },
            ],
          },
          states: {
            opening: {
              description: "The new link is on its way. What the old one brings counts until it is accepted.",
              entry: ["resumeTraffic", "openNextLink"],
              on: {
                "io.connected": {
                  guard: "isNextLink",
                  target: "#connection.rotating.finishing",
                  actions: "switchLink",
                  description: "The server accepted the token.",
                },
              },
            },
            waiting: {
              description: "The new link failed. The old one goes on until another is opened.",
              entry: "resumeTraffic",
              on: {
                "io.ended": {
                  guard: "isCurrentLink",
                  target: "#connection.connecting.waiting",
                  actions: "closeLinks",
                  description: "The old link is gone as well: wait on without one.",
                },
                connect: [
                  {
                    guard: "mayRetryAtOnce",
                    target: "#connection.rotating.choosing",
                    actions: ["markRetriedAtOnce", "forgetRetryAfter"],
                    description: "The application does not want to wait; granted once per stable link.",
                  },
                  {
                    target: "waiting",
                    reenter: true,
                    actions: "forgetRetryAfter",
                    description: "Once more: it waits for the delay, but not for what the server asked for.",
                  },
                ],
              },
              after: {
                reconnectionDelay: {
                  target: "#connection.rotating.choosing",
                  description: "The delay is over.",
                },
              },
            },
          },
        },
        finishing: {
          description: "The new link is current. The old one finishes, within `drainTimeout`.",
          initial: "settling",
          on: {
            "token.changed": {
              guard: "isSameUser",
              actions: "adoptToken",
              description: "The newest token wins when the old link has finished: two links are enough.",
            },
            "io.ended": {
              guard: "isOldLink",
              target: "choosing",
              actions: "closeOldLink",
              description: "The old link is gone.",
            },
          },
          after: {
            drainTimeout: {
              target: "choosing",
              actions: "closeOldLink",
              description: "The old link has had its time.",
            },
          },
          states: {
            settling: {
              description: "Nothing is written until the server has read what was written on the old link.",
              entry: ["pauseTraffic", "settleOldLink"],
              on: {
                "io.settled": {
                  guard: "isOldLink",
                  target: "draining",
                  description: "The server has read everything.",
                },
              },
            },
            draining: {
              description:
                "The new link carries the traffic; the old one brings the acknowledgements it owes.",
              entry: ["resumeTraffic", "drainTraffic"],
              on: {
                "io.settled": {
                  guard: "isOldLink",
                  target: "#connection.rotating.choosing",
                  actions: "closeOldLink",
                  description: "Every acknowledgement is in.",
                },
              },
            },
          },
        },
        refreshing: {
          description: "The newest token was refused: the old link stays, and nothing is written meanwhile.",
          entry: ["pauseTraffic", "refreshToken"],
          on: {
            "token.refreshFailed": {
              actions: "noteFailure",
              description: "No fresh token could be had: it is tried again.",
            },
            connect: {
              guard: "mayRetryAtOnce",
              target: "refreshing",
              reenter: true,
              actions: ["markRetriedAtOnce", "forgetRetryAfter"],
              description: "The application does not want to wait; granted once per stable link.",
            },
            "io.ended": {
              guard: "isCurrentLink",
              target: "#connection.connecting.refreshing",
              description: "The old link is gone as well; the refresh goes on.",
            },
          },
          after: {
            reconnectionDelay: {
              target: "refreshing",
              reenter: true,
              description: "Asks again, unless that is under way.",
            },
          },
        },
        replacing: {
          description: "The old link is closed before the new one opens.",
          initial: "settling",
          states: {
            settling: {
              description: "The server reads what was written on the old link; nothing new is written.",
              entry: ["pauseTraffic", "settleLink"],
              on: {
                "token.changed": {
                  guard: "isSameUser",
                  actions: "adoptToken",
                  description: "The newest token wins; the old link goes on settling.",
                },
                "io.settled": {
                  guard: "isCurrentLink",
                  target: "opening",
                  actions: "closeLinks",
                  description: "The server has read everything, or has had `drainTimeout`.",
                },
                "io.ended": {
                  guard: "isOldTokenRefused",
                  target: "opening",
                  actions: "closeLinks",
                  description: "Only the old token is refused, and the new one is there.",
                },
              },
            },
            opening: {
              description: "A link is being opened with the newest token.",
              entry: "openLink",
              on: {
                "io.connected": {
                  guard: "isCurrentLink",
                  target: "#connection.connected",
                  description: "The server accepted the token, and the user of the link is certain.",
                },
                "token.changed": {
                  target: "opening",
                  reenter: true,
                  actions: ["closeLinks", "adoptToken"],
                  description: "The newest token wins: start over with it.",
                },
                disconnect: {
                  target: "#connection.idle.stopped",
                  description: "The application stops.",
                },
              },
            },
          },
        },
      },
    },

    loggedOut: {
      description: "Nothing to connect with: there is no link, and what is emitted is refused.",
      entry: ["closeLinks", "abandonLinks", "refuseTraffic", "signOut"],
      exit: ["acceptTraffic", "stopReading"],
      initial: "signedOut",
      on: {
        "token.changed": [
          {
            guard: "isExpired",
            target: "connecting.refreshing",
            actions: ["forgive", "adoptToken"],
            description: "There is a token again, but it has expired: refresh it instead of sending it.",
          },
          {
            target: "connecting.opening",
            actions: ["forgive", "adoptToken"],
            description: "Somebody signed in.",
          },
        ],
        "token.unreadable": {
          actions: ["noteFailure", "stopReading", "readTokenLater"],
          description: "We could not find out whether somebody is signed in: look again after the delay.",
        },
        "links.lost": { actions: "readToken", description: "There was no link: look again." },
      },
      states: {
        signedOut: {
          description: "The storage holds no token, or nobody is signed in in the session of the cookie.",
          on: {
            connect: [
              {
                guard: "hasToken",
                target: "#connection.connecting.reading",
                actions: "forgive",
                description: "Only the server knew that nobody was signed in: ask it again.",
              },
              { actions: "readToken", description: "Look again." },
            ],
            "token.removed": {
              actions: ["forgetToken", "clearFailure"],
              description: "Still signed out.",
            },
          },
        },
        rejected: {
          description: "The server refused this token for good.",
          on: {
            connect: {
              target: "#connection.connecting.reading",
              actions: ["forgive", "retryToken"],
              description: "The application wants one more attempt.",
            },
            refresh: {
              guard: "canRefresh",
              target: "#connection.connecting.refreshing",
              actions: "forgive",
              description: "The application asks for a fresh token.",
            },
          },
        },
      },
    },
  },
});
