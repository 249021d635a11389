import { assign, fromCallback, sendParent, sendTo, setup, stateIn } from "xstate";

/** What the storage reports. Tokens stay behind it; here a token has a version. */
export type StorageEvent =
  /** There may be another token. */
  | { type: "token.maybeChanged" }
  | {
      type: "token.changed";
      version: number;
      /** It belongs to another user than the token before, or it may. */
      isOtherUser: boolean;
      /** Only the server can say whose it is. */
      isOpaque?: boolean;
      /** By `login()` where the credential is a cookie: a server may answer before its session is stored. */
      isLogin?: boolean;
      /** It has expired by its own word, or is about to. */
      isExpired?: boolean;
    }
  | { type: "token.unchanged"; isExpired?: boolean }
  | { type: "token.removed" }
  | { type: "token.unreadable"; code: string };

/** What the refresher reports. A fresh token comes from the storage. */
export type RefresherEvent =
  /** The token will expire soon. */
  { type: "token.due" } | { type: "token.refreshFailed"; code: string };

/** What the connection chart asks for, and tells. */
type CredentialRequest =
  | { type: "read" }
  | { type: "refresh" }
  | { type: "refused"; version: number }
  | { type: "session.changed" }
  | { type: "session.expected" }
  | { type: "accepted" }
  | { type: "retry" }
  | { type: "watch" }
  | { type: "unwatch" }
  | { type: "named" }
  | { type: "signedOut" };

export type CredentialEvent = StorageEvent | RefresherEvent | CredentialRequest;

/** Numbers, never a token or a claim. */
export interface CredentialContext {
  /** The version of the current token; 0 while there is none. */
  version: number;
  /** Refreshes of a token that nobody has refused, which failed in a row. */
  refreshAttempt: number;
  settings: CredentialSettings;
}

/** What the options of a connection come to in this chart. */
export interface CredentialSettings {
  /** Whether the option `refresh` was given. */
  hasRefresh: boolean;
  /** For how long a session may be on its way, in milliseconds. */
  stableAfter: number;
}

/**
 * To the storage. `read`: look now, and answer with one event. `renew`: the next answer begins a new version, also if
 * the token is the same. With a cookie: `announce`, the server has named the user, and other tabs may know another one;
 * `forget`, nobody is signed in, so that a user whom another tab tells of is news.
 */
export type StorageCommand = { type: "read" } | { type: "renew" } | { type: "announce" } | { type: "forget" };

/** To the refresher. `watch` tells when the token should be refreshed, after so many failures in a row. */
export type RefresherCommand =
  | { type: "refresh" }
  | { type: "abandon" }
  | { type: "watch"; attempt: number }
  | { type: "unwatch" };

const chart = setup({
  types: {
    context: {} as CredentialContext,
    events: {} as CredentialEvent,
    input: {} as CredentialSettings | undefined,
    children: {} as { storage: "storage"; refresher: "refresher" },
  },
  actors: {
    storage: fromCallback<StorageCommand>(() => {}),
    refresher: fromCallback<RefresherCommand>(() => {}),
  },
  delays: {
    /** For how long a session may be on its way. */
    stableAfter: ({ context }) => context.settings.stableAfter,
  },
  guards: {
    hasRefresh: ({ context }) => context.settings.hasRefresh,
    /** The server refused the current token, and not one before it. */
    isCurrent: ({ context, event }) => event.type === "refused" && event.version === context.version,
    /** The server refused the current token, and there is a way to refresh it. */
    isRefreshable: ({ context, event }) =>
      event.type === "refused" && event.version === context.version && context.settings.hasRefresh,
    /** Somebody signed in by `login()`, and the credential is a cookie. */
    isLogin: ({ event }) => event.type === "token.changed" && event.isLogin === true,
    /** The token was found, or told by another tab. */
    isNoLogin: ({ event }) => event.type === "token.changed" && event.isLogin !== true,
    /** The storage has not answered since the session changed. */
    isRenewing: stateIn({ session: { awaited: "renewing" } }),
  },
  actions: {
    readStorage: sendTo("storage", { type: "read" }),
    /** The next answer of the storage begins a new version. */
    renewVersion: sendTo("storage", { type: "renew" }),
    announceUser: sendTo("storage", { type: "announce" }),
    forgetUser: sendTo("storage", { type: "forget" }),
    askForToken: sendTo("refresher", { type: "refresh" }),
    giveUpRefresh: sendTo("refresher", { type: "abandon" }),
    watchExpiry: sendTo("refresher", ({ context }) => ({ type: "watch", attempt: context.refreshAttempt })),
    unwatchExpiry: sendTo("refresher", { type: "unwatch" }),
    countFailure: assign({ refreshAttempt: ({ context }) => context.refreshAttempt + 1 }),
    /** The newest token wins. */
    adoptToken: assign({
      version: ({ context, event }) => (event.type === "token.changed" ? event.version : context.version),
      refreshAttempt: 0,
    }),
    forgetToken: assign({ version: 0, refreshAttempt: 0 }),
    /** What has expired is refreshed first. Where that has failed it is sent: the clock here may be wrong. */
    tellCertain: sendParent(({ context, event }) =>
      "isExpired" in event && context.refreshAttempt === 0
        ? { type: "token.certain", isExpired: event.isExpired }
        : { type: "token.certain" },
    ),
    tellRefused: sendParent({ type: "token.refused" }),
    tellRejected: sendParent({ type: "token.rejected" }),
    tellRefreshing: sendParent({ type: "token.refreshing" }),
    /** What was reported is a fact that the connection has to know as it is. */
    passOn: sendParent(({ event }) => event),
  },
});

/**
 * The credential chart: one token, and whether it is certain, good, refused or being refreshed.
 *
 * It is pure: two actors do the work, `storage` and `refresher`. It runs beside the connection chart, which hears only
 * facts: `token.changed`, `token.certain`, `token.refused`, `token.rejected`, `token.removed`, `token.unreadable`,
 * `token.refreshing` and `token.refreshFailed`. Its three regions are independent of each other.
 */
export const credentialMachine = chart.createMachine({
  id: "credential",
  description: "One token, and whether it is certain.",
  context: ({ input }) => ({
    version: 0,
    refreshAttempt: 0,
    settings: { hasRefresh: false, stableAfter: 5_000, ...input },
  }),
  invoke: [
    { src: "refresher", id: "refresher" },
    { src: "storage", id: "storage" },
  ],
  type: "parallel",
  states: {
    storage: {
      description: "Whether the token is known.",
      initial: "unread",
      on: {
        "token.maybeChanged": { target: ".reading", description: "The token may have changed." },
        read: { target: ".reading", description: "The connection wants to be certain." },
        "token.changed": { target: ".read", description: "There is another token." },
        "token.unchanged": { target: ".read", description: "It is the same token." },
        "token.removed": { target: ".read", description: "Nobody is signed in." },
        "token.unreadable": {
          target: ".unread",
          actions: "passOn",
          description: "The storage could not be read.",
        },
      },
      states: {
        unread: { description: "Nobody has looked, or the storage gave no answer." },
        reading: { description: "The storage is asked. The newest question counts.", entry: "readStorage" },
        read: { description: "The token is certain until the storage signals a change." },
      },
    },
    token: {
      description: "What the server thinks of the token.",
      initial: "absent",
      on: {
        "token.changed": {
          target: ".good",
          actions: ["adoptToken", "passOn"],
          description: "The newest token wins.",
        },
        "token.removed": {
          target: ".absent",
          actions: ["forgetToken", "giveUpRefresh", "passOn"],
          description: "Nobody is signed in: no refresh can count any more.",
        },
      },
      states: {
        absent: { description: "There is no token." },
        good: {
          description: "Nothing speaks against the token.",
          initial: "unwatched",
          on: {
            "token.unchanged": { actions: "tellCertain", description: "It is still the right one." },
            refused: [
              {
                guard: "isRefreshable",
                target: "refused",
                description: "The server refused it: it is not sent again, and a refresh may help.",
              },
              {
                guard: "isCurrent",
                target: "rejected",
                description: "The server refused it, and there is no way to refresh it.",
              },
            ],
            refresh: {
              guard: "hasRefresh",
              target: ".refreshing",
              description: "A fresh token is wanted.",
            },
            watch: { target: ".watched", description: "A link uses it." },
            "token.refreshFailed": {
              actions: ["countFailure", "passOn"],
              description: "No fresh token could be had; this one is still good.",
            },
          },
          states: {
            unwatched: { description: "No link uses it: it is not refreshed ahead of its expiry." },
            watched: {
              description: "A link uses it: it is refreshed ahead of its expiry.",
              entry: "watchExpiry",
              exit: "unwatchExpiry",
              on: {
                unwatch: { target: "unwatched", description: "No link uses it now." },
                "token.due": {
                  guard: "hasRefresh",
                  target: "refreshing",
                  actions: "tellRefreshing",
                  description: "It will expire soon.",
                },
              },
            },
            refreshing: {
              description: "A fresh token is asked for.",
              entry: "askForToken",
              on: {
                "token.refreshFailed": {
                  target: "unwatched",
                  actions: ["countFailure", "passOn"],
                  description: "No fresh token could be had; this one is still good.",
                },
              },
            },
          },
        },
        refused: {
          description: "The server refused it: it is not sent again, and a refresh may help.",
          initial: "waiting",
          on: {
            "token.unchanged": { actions: "tellRefused", description: "It is still the refused one." },
            refresh: { target: ".refreshing", description: "A fresh token is wanted." },
          },
          states: {
            waiting: { description: "Waits for the connection to ask for a refresh." },
            refreshing: {
              description: "A fresh token is asked for.",
              entry: "askForToken",
              on: {
                "token.changed": {
                  target: "#credential.token.untried",
                  actions: ["adoptToken", "passOn"],
                  description: "A fresh token, from the refresh or from another tab.",
                },
                "token.refreshFailed": {
                  target: "waiting",
                  actions: "passOn",
                  description: "No fresh token could be had: the connection decides when to try again.",
                },
              },
            },
          },
        },
        untried: {
          description: "It replaced a token that was refused, and no server has accepted it yet.",
          initial: "waiting",
          on: {
            "token.unchanged": { actions: "tellCertain", description: "It is still the right one." },
            accepted: { target: "good", description: "A server accepted it." },
            refused: {
              guard: "isCurrent",
              target: "rejected",
              description: "Refused again: refreshing does not help.",
            },
            refresh: {
              guard: "hasRefresh",
              target: ".refreshing",
              description: "The application wants another one.",
            },
          },
          states: {
            waiting: { description: "Waits for a server to accept it." },
            refreshing: {
              description: "A fresh token is asked for.",
              entry: "askForToken",
              on: {
                "token.refreshFailed": {
                  target: "waiting",
                  actions: "passOn",
                  description: "No fresh token could be had.",
                },
              },
            },
          },
        },
        rejected: {
          description: "The server refused it for good: only another token helps.",
          on: {
            "token.unchanged": { actions: "tellRejected", description: "It is still the rejected one." },
            retry: { target: "good", description: "The application wants one more attempt." },
            refresh: {
              guard: "hasRefresh",
              target: "refused.refreshing",
              description: "The application asks for a fresh token.",
            },
          },
        },
      },
    },
    session: {
      description: "Whether a session of a cookie may still be on its way to the server.",
      initial: "settled",
      on: {
        "session.changed": {
          target: ".awaited.renewing",
          description: "The server says that it has changed: a new version, and a new handshake.",
        },
        "session.expected": {
          target: ".awaited.presented",
          description: "It has changed, and a new handshake is made anyway.",
        },
        "token.changed": {
          guard: "isLogin",
          target: ".awaited.presented",
          description: "Somebody has just signed in, and the session may not be stored yet.",
        },
        named: { actions: "announceUser", description: "The server has named the user of a session." },
        signedOut: { actions: "forgetUser", description: "The server lets nobody in." },
      },
      states: {
        settled: { description: "A server that knows of no session is believed." },
        awaited: {
          description: "A server that knows of no session is asked again.",
          initial: "presented",
          after: {
            stableAfter: [
              {
                guard: "isRenewing",
                target: "overdue",
                description: "It has had its time, before the storage has answered.",
              },
              { target: "settled", description: "It has had its time." },
            ],
          },
          states: {
            renewing: {
              description: "The next answer of the storage begins a new version.",
              entry: "renewVersion",
              on: {
                "token.changed": {
                  guard: "isNoLogin",
                  target: "presented",
                  description: "The new version has begun.",
                },
                "token.removed": {
                  target: "#credential.session.overdue",
                  description: "Nobody is signed in.",
                },
                signedOut: {
                  target: "#credential.session.overdue",
                  actions: "forgetUser",
                  description: "The server lets nobody in.",
                },
              },
            },
            presented: {
              description: "The new session may not be stored yet.",
              on: {
                accepted: { target: "#credential.session.settled", description: "It has arrived." },
                "token.removed": {
                  target: "#credential.session.settled",
                  description: "Nobody is signed in.",
                },
                signedOut: {
                  target: "#credential.session.settled",
                  actions: "forgetUser",
                  description: "The server lets nobody in.",
                },
              },
            },
          },
        },
        overdue: {
          description: "A server that knows of no session is believed; the next answer begins a new version.",
          on: {
            "token.changed": {
              guard: "isNoLogin",
              target: "settled",
              description: "The new version has begun.",
            },
          },
        },
      },
    },
  },
});
