import { and, assign, enqueueActions, fromCallback, not, or, sendTo, setup } from "xstate";

/**
 * What a refusal or a disconnection asks for: `retry` after a delay, `refresh` of the token, or `logout`
 * because no retry of this token can succeed.
 */
export type Verdict = "retry" | "refresh" | "logout";

/** What the storage actor reports. Tokens stay in the vault; here an `epoch` is a token and an `identity` a user. */
export type TokenEvent =
  | { type: "token.maybeChanged" }
  | { type: "token.changed"; epoch: number; identity: number; lifetime?: number }
  | { type: "token.unchanged" }
  | { type: "token.removed" }
  | { type: "token.unreadable"; code: string }
  | { type: "token.refreshFailed"; code: string };

/** What a link reports. `link` is its number; a number that is no longer in force is ignored. */
export type IoEvent =
  | { type: "io.connected"; link: number }
  | { type: "io.refused"; link: number; verdict: Verdict; code: string; retryAfter?: number }
  | { type: "io.failed"; link: number; code: string }
  | {
      type: "io.disconnected";
      link: number;
      verdict: Verdict;
      code: string;
      reason: string;
      retryAfter?: number;
    }
  | { type: "io.settled"; link: number };

/** What the surroundings report. */
export type EnvironmentEvent =
  | { type: "network.online" }
  | { type: "network.offline" }
  | { type: "page.resumed" };

/** What the application asks for. */
export type CommandEvent = { type: "connect" } | { type: "disconnect" } | { type: "refresh" };

export type ConnectionEvent = TokenEvent | IoEvent | EnvironmentEvent | CommandEvent;

/** Counters and codes, never a token, a claim, a socket or an error object. */
export interface ConnectionContext {
  /** The number of the token in force; 0 while there is none. */
  epoch: number;
  /** The number of the user in force; 0 before the first. */
  identity: number;
  /** The link in force; 0 while there is none. */
  link: number;
  /** The epoch that the last link was opened with. */
  linkEpoch: number;
  /** How many links were opened; the next one gets the next number. */
  linksOpened: number;
  /** Failures in a row, forgiven once a link has been up for `stableAfter`. */
  attempt: number;
  /** The code of the last failure; `null` once connected. */
  code: string | null;
  /** How long the server asked us to stay away, in milliseconds; `null` where it did not. */
  retryAfter: number | null;
  /** The epoch that the server refused with the verdict `refresh`; 0 for none. */
  refusedEpoch: number;
  /** Whether the token in force came from a refresh and no server has accepted it yet. */
  isRefreshed: boolean;
  /** Whether "retry at once" has been used up since the last stable link. */
  hasRetriedAtOnce: boolean;
  /** The epoch whose link dropped unplanned, so that its state may be recovered; 0 for none. */
  droppedEpoch: number;
  /** Whether the storage was asked and has not answered: nothing is written or delivered meanwhile. */
  isUnread: boolean;
}

/** To the storage actor: read now, and answer with one `token.*` event. */
export type StorageCommand = { type: "read" };

/** To the links actor. `close` is at once; `leave` waits for the server to have read what was written. */
export type LinksCommand =
  | { type: "open"; link: number; epoch: number; isRecovery: boolean }
  | { type: "settle"; link: number }
  | { type: "leave"; link: number }
  | { type: "abandon" }
  | { type: "close"; link: number };

/** To the traffic actor, which is the application's sockets and their outbox. */
export type TrafficCommand =
  | { type: "start" }
  | { type: "stop" }
  | { type: "attach"; link: number; isHeld: boolean }
  | { type: "detach"; reason: string }
  | { type: "hold" }
  | { type: "release" }
  | { type: "pause" }
  | { type: "discard"; code: "ERR_IDENTITY_CHANGED" | "ERR_LOGGED_OUT" }
  | { type: "refuse"; code: "ERR_LOGGED_OUT" }
  | { type: "accept" }
  | { type: "renew" }
  | { type: "fail"; code: string };

const ROTATION_REASON = "token rotation";
const LEAVE_REASON = "io client disconnect";

/** The reason that the application hears in `disconnect` when the link in force is let go. */
const disconnectReason = (event: ConnectionEvent | { type: string }): string => {
  if ("reason" in event) return event.reason;
  if (event.type === "token.changed" || event.type === "io.settled") return ROTATION_REASON;
  return event.type.startsWith("xstate.after.drainTimeout") ? ROTATION_REASON : LEAVE_REASON;
};

const chart = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    children: {} as {
      storage: "storage";
      links: "links";
      traffic: "traffic";
      environment: "environment";
      refresher: "refresher";
    },
  },
  actors: {
    storage: fromCallback<StorageCommand>(() => {}),
    links: fromCallback<LinksCommand>(() => {}),
    traffic: fromCallback<TrafficCommand>(() => {}),
    environment: fromCallback(() => {}),
    refresher: fromCallback(() => {}),
  },
  delays: {
    /** Before the next attempt. The real one has full jitter; this one shows the clamp. */
    reconnectionDelay: ({ context }) =>
      Math.max(context.retryAfter ?? 0, Math.min(30_000, 1_000 * 2 ** Math.max(0, context.attempt - 1))),
    /** From the opening of a link to the server's acceptance. */
    timeout: 20_000,
    /** How long a link must stay up before its past failures are forgiven. */
    stableAfter: 5_000,
    /** How long an old link may take to settle before it is closed. */
    drainTimeout: 5_000,
  },
  guards: {
    /** A `refresh` function was given. */
    hasRefresh: () => false,
    /** `reconnectionAttempts` is not used up. */
    hasAttemptsLeft: () => true,
    /** The event comes from the link in force. */
    isCurrentLink: ({ context, event }) =>
      "link" in event && context.link !== 0 && event.link === context.link,
    /** There is a token. */
    hasToken: ({ context }) => context.epoch !== 0,
    /** The new token belongs to another user than the link in force. */
    isOtherIdentity: ({ context, event }) =>
      event.type === "token.changed" && event.identity !== context.identity,
    /** The trouble is not the token's. */
    isRetry: ({ event }) => !("verdict" in event) || event.verdict === "retry",
    /** The server says that this token can never work. */
    isLogout: ({ event }) => "verdict" in event && event.verdict === "logout",
    /** The server says that a fresh token may work. */
    isRefresh: ({ event }) => "verdict" in event && event.verdict === "refresh",
    /** Nothing has failed since the last stable link, so that no delay is due. */
    isFirstFailure: ({ context }) => context.attempt === 0,
    /** The server asks to be tried again at once, and has not asked since the last stable link. */
    isAtOnce: ({ context, event }) =>
      "retryAfter" in event && event.retryAfter === 0 && !context.hasRetriedAtOnce,
    /** The token in force came from a refresh and was never accepted: a second refusal is final. */
    isRefreshed: ({ context }) => context.isRefreshed,
    /** The token in force was refused and needs a refresh before anything is sent again. */
    isRefused: ({ context }) => context.refusedEpoch !== 0 && context.refusedEpoch === context.epoch,
    /** The token in force was refused, and there is a way to refresh it. */
    canRefreshRefused: and(["isRefused", "hasRefresh"]),
    /** There is a token, and a way to refresh it. */
    canRefresh: and(["hasToken", "hasRefresh"]),
    /** The storage was asked, and gave no answer. */
    isUnread: ({ context }) => context.isUnread,
    /** The link in force was refused for good: by verdict, or because refreshing is impossible or did not help. */
    isFinalRefusal: and([
      "isCurrentLink",
      or(["isLogout", and(["isRefresh", or([not("hasRefresh"), "isRefreshed"])])]),
    ]),
    /** The link in force failed, and no attempt is left. */
    isLastFailure: and(["isCurrentLink", not("hasAttemptsLeft")]),
    /** The link in force was refused, and a refresh is due without delay. */
    canRefreshAtOnce: and(["isCurrentLink", "isRefresh", "isFirstFailure"]),
    /** The link in force was refused, and a refresh is due after the delay. */
    canRefreshLater: and(["isCurrentLink", "isRefresh"]),
    /** The link in force failed, and may be tried again without delay. */
    canRetryAtOnce: and(["isCurrentLink", "isAtOnce"]),
    /** The old link ended for a reason that concerns only the old token. */
    isOldTokenRefused: and(["isCurrentLink", not("isRetry")]),
  },
  actions: {
    /** Ask the storage for the token; it answers with one `token.*` event. */
    readStorage: enqueueActions(({ enqueue }) => {
      enqueue.assign({ isUnread: true });
      enqueue.sendTo("storage", { type: "read" });
    }),
    /** Put the new token in force; what was queued under another user is dropped. */
    adoptToken: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "token.changed") return;
      if (context.identity !== 0 && event.identity !== context.identity) {
        enqueue.sendTo("traffic", { type: "discard", code: "ERR_IDENTITY_CHANGED" });
        enqueue.sendTo("links", { type: "abandon" });
      }
      enqueue.assign({
        epoch: event.epoch,
        identity: event.identity,
        isRefreshed: false,
        refusedEpoch: 0,
        isUnread: false,
      });
      enqueue.sendTo("traffic", { type: "renew" });
    }),
    /** There is no token any more. */
    forgetToken: assign({ epoch: 0, refusedEpoch: 0, droppedEpoch: 0, isRefreshed: false, isUnread: false }),
    /** Remember that the token in force came from a refresh. */
    markRefreshed: assign({ isRefreshed: true }),
    /** Remember that the token in force was refused. */
    markRefused: assign({ refusedEpoch: ({ context }) => context.epoch }),
    /** Remember that the dropped link's state may be recovered by the same token. */
    markDropped: assign({ droppedEpoch: ({ context }) => context.linkEpoch }),
    /** Remember that "retry at once" is used up. */
    markRetriedAtOnce: assign({ hasRetriedAtOnce: true }),
    /** Remember that the storage gave an answer. */
    markRead: assign({ isUnread: false }),
    /** Count a failure, keep its code, and let the application hear of it. */
    noteFailure: enqueueActions(({ context, event, enqueue }) => {
      const code = "code" in event ? event.code : "ERR_CONNECT_TIMEOUT";
      enqueue.assign({
        attempt: context.attempt + 1,
        code,
        retryAfter: "retryAfter" in event ? (event.retryAfter ?? null) : null,
      });
      if (event.type !== "io.disconnected") enqueue.sendTo("traffic", { type: "fail", code });
    }),
    /** Keep the code of a failure that changes nothing else. */
    noteCode: assign({ code: ({ context, event }) => ("code" in event ? event.code : context.code) }),
    /** Forget the dropped link: the application has stopped since. */
    forgetDropped: assign({ droppedEpoch: 0 }),
    /** Forgive past failures. */
    forgiveAttempts: assign({ attempt: 0, retryAfter: null, hasRetriedAtOnce: false }),
    /** Forget that the token was refused: the application asks for one explicit attempt. */
    forgiveToken: assign({ refusedEpoch: 0, isRefreshed: false }),
    /** Open a link for the token in force. */
    openLink: enqueueActions(({ context, enqueue }) => {
      const link = context.linksOpened + 1;
      enqueue.assign({ link, linkEpoch: context.epoch, linksOpened: link });
      enqueue.sendTo("links", {
        type: "open",
        link,
        epoch: context.epoch,
        isRecovery: context.droppedEpoch !== 0 && context.droppedEpoch === context.epoch,
      });
    }),
    /** Close the link in force at once, if there is one. */
    closeLink: enqueueActions(({ context, event, enqueue }) => {
      if (context.link === 0) return;
      enqueue.sendTo("traffic", { type: "detach", reason: disconnectReason(event) });
      enqueue.sendTo("links", { type: "close", link: context.link });
      enqueue.assign({ link: 0 });
    }),
    /** Let the link in force go once the server has read what was written. */
    leaveLink: enqueueActions(({ context, event, enqueue }) => {
      enqueue.sendTo("traffic", { type: "detach", reason: disconnectReason(event) });
      enqueue.sendTo("links", { type: "leave", link: context.link });
      enqueue.assign({ link: 0 });
    }),
    /** A link that was left and still settles is closed at once: the user has signed out. */
    abandonLinks: sendTo("links", { type: "abandon" }),
    /** Ask the link in force to prove that the server has read what was written. */
    settleLink: sendTo("links", ({ context }) => ({ type: "settle", link: context.link })),
    /** The application's sockets count as active: they are connected or will be. */
    startTraffic: sendTo("traffic", { type: "start" }),
    /** The application's sockets wait to be asked. */
    stopTraffic: sendTo("traffic", { type: "stop" }),
    /** The link in force carries the application's traffic. */
    attachTraffic: sendTo("traffic", ({ context }) => ({
      type: "attach",
      link: context.link,
      isHeld: context.isUnread,
    })),
    /** A working link clears the record of failures that led to it, but not their count. */
    acceptLink: assign({
      code: null,
      retryAfter: null,
      refusedEpoch: 0,
      isRefreshed: false,
      droppedEpoch: 0,
    }),
    /** Nothing is written or delivered until the token is certain again. */
    holdTraffic: sendTo("traffic", { type: "hold" }),
    /** Nothing is written for now; what comes in is delivered, as whose it is is certain. */
    pauseTraffic: sendTo("traffic", { type: "pause" }),
    /** The token is certain: what was held goes on. */
    releaseTraffic: sendTo("traffic", { type: "release" }),
    /** Drop what is queued: the user has signed out. */
    discardTraffic: sendTo("traffic", { type: "discard", code: "ERR_LOGGED_OUT" }),
    /** Drop what is queued and refuse what comes: nobody is signed in. */
    refuseTraffic: sendTo("traffic", { type: "refuse", code: "ERR_LOGGED_OUT" }),
    /** Queue what comes: somebody is signing in. */
    acceptTraffic: sendTo("traffic", { type: "accept" }),
  },
});

/** Where a link leads that failed for no reason of its token's. */
const linkOutage = [
  {
    guard: "isLastFailure",
    target: "#connection.idle.exhausted",
    actions: ["closeLink", "noteFailure"],
    description: "`reconnectionAttempts` is used up.",
  },
  {
    guard: "isCurrentLink",
    target: "#connection.connecting.waiting",
    actions: ["markDropped", "closeLink", "noteFailure"],
    description: "An outage: try again after the delay.",
  },
] as const;

/** Where a link leads that was refused or disconnected, whatever it was doing. */
const linkRefusal = [
  {
    guard: "isFinalRefusal",
    target: "#connection.loggedOut.rejected",
    actions: ["closeLink", "markRefused", "noteFailure"],
    description: "The server refused this token for good; only another one can help.",
  },
  {
    guard: "canRefreshAtOnce",
    target: "#connection.connecting.refreshing",
    actions: ["closeLink", "markRefused", "noteFailure"],
    description: "The token is refused: refresh it once, and never send it again.",
  },
  {
    guard: "isLastFailure",
    target: "#connection.idle.exhausted",
    actions: ["closeLink", "noteFailure"],
    description: "`reconnectionAttempts` is used up.",
  },
  {
    guard: "canRefreshLater",
    target: "#connection.connecting.waiting",
    actions: ["closeLink", "markRefused", "noteFailure"],
    description: "The token is refused soon after another failure: refresh it after the delay.",
  },
  {
    guard: "canRetryAtOnce",
    target: "#connection.connecting.reading",
    actions: ["markDropped", "closeLink", "noteFailure", "markRetriedAtOnce"],
    description: "The server asks for an immediate retry; granted once per stable link.",
  },
  {
    guard: "isCurrentLink",
    target: "#connection.connecting.waiting",
    actions: ["markDropped", "closeLink", "noteFailure"],
    description: "An outage: try again after the delay.",
  },
] as const;

/** Where a failure leads that is no link's: an unreadable storage, a failed refresh, no answer in time. */
const otherFailure = [
  {
    guard: "hasAttemptsLeft",
    target: "#connection.connecting.waiting",
    actions: ["closeLink", "noteFailure"],
    description: "Could not find out: try again after the delay, and sign nobody out.",
  },
  {
    target: "#connection.idle.exhausted",
    actions: ["closeLink", "noteFailure"],
    description: "`reconnectionAttempts` is used up.",
  },
] as const;

/**
 * The statechart of one connection: every decision about connecting, rotating and tearing down.
 *
 * It is pure: it opens nothing and reads nothing. Four actors do the work and obey (`storage`, `links`,
 * `traffic`, `environment`, and `refresher` while a token is being refreshed); the stubs here do nothing, so
 * that the chart runs as it stands in a visualizer. Real ones come from `implementations(options)`.
 *
 * @example
 * ```ts
 * import { connectionMachine } from "socket-rotor/machines";
 * import { implementations, memoryStorage } from "socket-rotor";
 * import { createActor } from "xstate";
 *
 * const parts = implementations({ url: "https://api.example.com", storage: memoryStorage() });
 * const actor = createActor(connectionMachine.provide(parts), { clock: parts.clock }).start();
 * actor.send({ type: "connect" });
 * ```
 */
export const connectionMachine = chart.createMachine({
  id: "connection",
  description: "One Socket.IO connection that always carries the right credential.",
  options: { maxIterations: 100 },
  context: {
    epoch: 0,
    identity: 0,
    link: 0,
    linkEpoch: 0,
    linksOpened: 0,
    attempt: 0,
    code: null,
    retryAfter: null,
    refusedEpoch: 0,
    isRefreshed: false,
    hasRetriedAtOnce: false,
    droppedEpoch: 0,
    isUnread: false,
  },
  // Order matters: traffic and links must listen before storage and environment speak.
  invoke: [
    { src: "traffic", id: "traffic" },
    { src: "links", id: "links" },
    { src: "storage", id: "storage" },
    { src: "environment", id: "environment" },
  ],
  initial: "idle",

  // What holds in every state that does not say otherwise. Links that are no longer in force match nothing.
  on: {
    "token.maybeChanged": {
      actions: ["holdTraffic", "readStorage"],
      description: "The token may have changed: hold traffic and read it.",
    },
    "token.removed": {
      target: ".loggedOut.signedOut",
      actions: "forgetToken",
      description: "Signed out, here or in another tab.",
    },
    "token.unchanged": { actions: "markRead", description: "The token in force is still the right one." },
    "io.refused": linkRefusal,
    "io.failed": linkOutage,
    "io.disconnected": linkRefusal,
    "network.online": {
      actions: ["holdTraffic", "readStorage"],
      description: "The token may have changed while the network was away.",
    },
    "network.offline": { description: "A hint only: it never stops a healthy link." },
    "page.resumed": {
      actions: ["holdTraffic", "readStorage"],
      description: "The token may have changed while the page slept.",
    },
    disconnect: { target: ".idle.stopped", description: "The application stops the connection." },
  },

  states: {
    idle: {
      description: "Not started, stopped by the application, or out of attempts. No link.",
      entry: ["closeLink", "stopTraffic"],
      exit: "startTraffic",
      initial: "stopped",
      states: {
        stopped: {
          description: "Waits for `connect`. The token is followed all the same.",
          entry: "forgetDropped",
          on: {
            connect: {
              target: "#connection.connecting.reading",
              actions: "forgiveAttempts",
              description: "The application starts the connection.",
            },
            "token.changed": {
              actions: "adoptToken",
              description: "A new epoch; the application has not asked for a link.",
            },
            "token.removed": {
              actions: ["discardTraffic", "abandonLinks", "forgetToken"],
              description: "Signed out while stopped: what was queued is dropped.",
            },
            "network.online": { description: "Stopped stays stopped." },
            "page.resumed": { description: "Stopped stays stopped." },
            disconnect: { description: "Already stopped." },
          },
        },
        exhausted: {
          description:
            "`reconnectionAttempts` is used up. A new token, the network or `connect` starts afresh.",
          on: {
            connect: {
              target: "#connection.connecting.reading",
              actions: "forgiveAttempts",
              description: "The application asks for another round of attempts.",
            },
            "token.changed": {
              target: "#connection.connecting.reading",
              actions: ["forgiveAttempts", "adoptToken"],
              description: "A new token is worth a new round of attempts.",
            },
            "network.online": {
              target: "#connection.connecting.reading",
              actions: "forgiveAttempts",
              description: "The network is back: a new round of attempts.",
            },
            "page.resumed": {
              target: "#connection.connecting.reading",
              actions: "forgiveAttempts",
              description: "Somebody is looking again: a new round of attempts.",
            },
          },
        },
      },
    },

    connecting: {
      description: "No usable link, working on one.",
      initial: "reading",
      on: {
        "token.changed": {
          target: ".opening",
          actions: ["closeLink", "adoptToken"],
          description: "The newest token wins: start over with it, attempts kept.",
        },
        refresh: {
          guard: "canRefresh",
          target: ".refreshing",
          description: "The application asks for a fresh token before going on.",
        },
      },
      states: {
        reading: {
          description: "Asks the storage for the token, before every attempt.",
          entry: ["closeLink", "readStorage"],
          on: {
            "token.unchanged": [
              {
                guard: "canRefreshRefused",
                target: "refreshing",
                actions: "markRead",
                description: "Still the token that was refused: refresh it instead of sending it again.",
              },
              {
                guard: "isRefused",
                target: "#connection.loggedOut.rejected",
                actions: "markRead",
                description: "Still the token that was refused: it is not sent again.",
              },
              {
                target: "opening",
                actions: "markRead",
                description: "The known token is still the right one.",
              },
            ],
            "token.unreadable": otherFailure,
          },
        },
        opening: {
          description: "A link is being opened with the token in force.",
          entry: "openLink",
          on: {
            "io.connected": {
              guard: "isCurrentLink",
              target: "#connection.connected",
              description: "The server accepted the token.",
            },
            "token.unreadable": otherFailure,
          },
          after: { timeout: otherFailure },
        },
        waiting: {
          description: "Waits before the next attempt; the storage is read again when the wait is over.",
          entry: "closeLink",
          on: {
            "network.online": { target: "reading", description: "The network is back: no reason to wait." },
            "page.resumed": { target: "reading", description: "Somebody is looking: no reason to wait." },
          },
          after: {
            reconnectionDelay: { target: "reading", description: "The delay is over." },
          },
        },
        refreshing: {
          description:
            "The token was refused: `refresh` is asked for another one. Nothing is sent meanwhile.",
          entry: "closeLink",
          invoke: { src: "refresher", id: "refresher" },
          on: {
            "token.changed": {
              target: "opening",
              actions: ["adoptToken", "markRefreshed"],
              description: "A fresh token, from the refresh or from another tab.",
            },
            "token.refreshFailed": otherFailure,
            refresh: { description: "Already refreshing." },
          },
        },
      },
    },

    connected: {
      description: "A link that was authenticated by the token in force carries traffic.",
      entry: ["acceptLink", "attachTraffic"],
      initial: "steady",
      on: {
        "token.changed": [
          {
            guard: "isOtherIdentity",
            target: "rotating.replacing.opening",
            actions: ["closeLink", "adoptToken"],
            description: "Another user: the old link is closed at once, what was queued is dropped.",
          },
          {
            target: "rotating",
            actions: "adoptToken",
            description: "A newer token of the same user: put it in force.",
          },
        ],
        "token.unchanged": { actions: ["markRead", "releaseTraffic"], description: "The same token: go on." },
        "token.unreadable": otherFailure,
        disconnect: {
          target: "idle.stopped",
          actions: "leaveLink",
          description: "The application stops; what it wrote is read by the server first.",
        },
      },
      after: {
        stableAfter: {
          actions: "forgiveAttempts",
          description: "The link is stable: past failures no longer count.",
        },
      },
      states: {
        steady: {
          description: "The token in force is good, and nothing else is going on.",
          on: {
            refresh: {
              guard: "canRefresh",
              target: "refreshing",
              description: "The application asks for a fresh token.",
            },
          },
        },
        refreshing: {
          description: "A fresh token is on its way; the link carries on with the one in force.",
          invoke: { src: "refresher", id: "refresher" },
          on: {
            "token.refreshFailed": {
              target: "steady",
              actions: "noteCode",
              description: "The token in force is still good.",
            },
          },
        },
      },
    },

    rotating: {
      description: "A newer token is being put in force.",
      initial: "replacing",
      on: {
        "token.unreadable": otherFailure,
      },
      states: {
        replacing: {
          description: "The old link is closed before the new one opens.",
          initial: "settling",
          states: {
            settling: {
              description: "The server is reading what was written on the old link; nothing new is written.",
              entry: ["pauseTraffic", "settleLink"],
              on: {
                "io.settled": {
                  guard: "isCurrentLink",
                  target: "opening",
                  actions: "closeLink",
                  description: "Everything written was read.",
                },
                "token.changed": [
                  {
                    guard: "isOtherIdentity",
                    target: "opening",
                    actions: ["closeLink", "adoptToken"],
                    description: "Another user: the old link is closed at once, what was queued is dropped.",
                  },
                  {
                    actions: ["adoptToken", "pauseTraffic"],
                    description: "The newest token wins; the old link goes on settling.",
                  },
                ],
                "token.unchanged": {
                  actions: ["markRead", "pauseTraffic"],
                  description: "The same token: the old link goes on settling.",
                },
                disconnect: {
                  target: "#connection.idle.stopped",
                  actions: "leaveLink",
                  description: "The application stops; what it wrote is read by the server first.",
                },
                "io.refused": {
                  guard: "isOldTokenRefused",
                  target: "opening",
                  actions: "closeLink",
                  description: "Only the old token is refused; the new one is at hand.",
                },
                "io.disconnected": {
                  guard: "isOldTokenRefused",
                  target: "opening",
                  actions: "closeLink",
                  description: "Only the old token is refused; the new one is at hand.",
                },
              },
              after: {
                drainTimeout: {
                  target: "opening",
                  actions: "closeLink",
                  description: "The old link does not answer: the new token does not wait for it.",
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
                  description: "The server accepted the newest token.",
                },
                "token.changed": {
                  target: "opening",
                  reenter: true,
                  actions: ["closeLink", "adoptToken"],
                  description: "The newest token wins: start over with it.",
                },
              },
              after: { timeout: otherFailure },
            },
          },
        },
      },
    },

    loggedOut: {
      description: "Nothing to connect with: no link, and what is emitted is refused.",
      entry: ["closeLink", "abandonLinks", "refuseTraffic"],
      exit: "acceptTraffic",
      initial: "signedOut",
      on: {
        "token.changed": {
          target: "connecting.opening",
          actions: ["forgiveAttempts", "adoptToken"],
          description: "Somebody signed in.",
        },
      },
      states: {
        signedOut: {
          description: "The storage holds no token.",
          on: {
            connect: { actions: "readStorage", description: "Look again." },
            "token.removed": { actions: "forgetToken", description: "Still signed out." },
            "token.unreadable": {
              target: "signedOut",
              reenter: true,
              actions: "noteFailure",
              description: "Could not find out: look again after the delay.",
            },
          },
          after: {
            reconnectionDelay: {
              guard: "isUnread",
              actions: "readStorage",
              description: "Look again, as the last answer was none.",
            },
          },
        },
        rejected: {
          description: "The server refused this token for good.",
          on: {
            connect: {
              target: "#connection.connecting.reading",
              actions: ["forgiveAttempts", "forgiveToken"],
              description: "The application asks for one explicit attempt.",
            },
            refresh: {
              guard: "canRefresh",
              target: "#connection.connecting.refreshing",
              actions: "forgiveAttempts",
              description: "The application asks for a fresh token.",
            },
            "token.unreadable": {
              target: "rejected",
              reenter: true,
              actions: "noteFailure",
              description: "Could not find out: look again after the delay.",
            },
          },
          after: {
            reconnectionDelay: {
              guard: "isUnread",
              actions: "readStorage",
              description: "Look again, as the last answer was none.",
            },
          },
        },
      },
    },
  },
});
