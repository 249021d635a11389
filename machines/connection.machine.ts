import { and, assign, enqueueActions, fromCallback, not, or, sendTo, setup } from "xstate";

/**
 * What a refusal or a disconnection asks for: `retry` after a delay, `refresh` of the token, or `logout`
 * because no retry of this token can succeed.
 */
export type Verdict = "retry" | "refresh" | "logout";

/**
 * What the server says of the session behind a handshake: there is another one now, or another user in it (`changed`);
 * there is none in which anybody is signed in (`required`); it has ended (`ended`).
 */
export type SessionWord = "changed" | "required" | "ended";

/** What the storage actor reports. Tokens stay in the vault; here an `epoch` is a version of the token. */
export type TokenEvent =
  | { type: "token.maybeChanged" }
  | {
      type: "token.changed";
      epoch: number;
      /** Another user's than the token before, or it may be. */
      isOtherUser: boolean;
      /** How long it lives from issue to expiry, in milliseconds, where it says so. */
      lifetime?: number;
      /** Only the server can say whose it is. */
      isOpaque?: boolean;
      /** The same token as before, under a new epoch, because the server said that the session has changed. */
      isRenewal?: boolean;
      /** By `login()` of this page, where the credential is a cookie: a server may answer before its session is stored. */
      isLogin?: boolean;
    }
  | { type: "token.unchanged" }
  | { type: "token.removed" }
  | { type: "token.unreadable"; code: string }
  | { type: "token.refreshFailed"; code: string };

/**
 * What a link reports. `link` is its number; a number that is no longer in force is ignored. `io.presented`: the
 * token is on its way to the server. `io.connected`: the server has accepted it, and whose it is is certain. `io.ready`:
 * what the server says of itself, after `io.connected`. `io.settled`: what was written was read, or what was due has come in.
 */
export type IoEvent =
  | { type: "io.presented"; link: number }
  | { type: "io.connected"; link: number }
  | { type: "io.ready"; link: number; reauthenticate: boolean; lifetime?: number }
  | { type: "io.reauthenticated"; link: number; epoch: number; lifetime?: number }
  | {
      type: "io.reauthenticationFailed";
      link: number;
      epoch: number;
      /** `replace`: this way is not open. */
      verdict: Verdict | "replace";
      code: string;
      /** The server says that the token is another user's than the link. */
      isOtherUser?: boolean;
      session?: SessionWord;
      retryAfter?: number;
    }
  | {
      type: "io.refused";
      link: number;
      verdict: Verdict;
      code: string;
      session?: SessionWord;
      retryAfter?: number;
    }
  | { type: "io.failed"; link: number; code: string }
  | {
      type: "io.disconnected";
      link: number;
      verdict: Verdict;
      code: string;
      reason: string;
      session?: SessionWord;
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

/** What the chart tells itself: an awaited session has had its time to arrive. */
export type SessionEvent = { type: "session.overdue" };

/** A chart that was stopped is started again, as bindings do: its links are closed. */
export type RestartEvent = { type: "links.lost" };

export type ConnectionEvent =
  | TokenEvent
  | IoEvent
  | EnvironmentEvent
  | CommandEvent
  | SessionEvent
  | RestartEvent;

/** What the options decide, as the chart reads it. All times are milliseconds. */
export interface ConnectionSettings {
  /** How many attempts follow a failure before `idle.exhausted`. */
  reconnectionAttempts: number;
  /** The strongest way in which a newer token of the same user may become current. */
  rotation: "auto" | "overlap" | "replace";
  /** Whether a `refresh` function was given. */
  hasRefresh: boolean;
  /** Whether the credential is a cookie of a session, which nobody here can read. */
  isCookie: boolean;
  /** From the opening of a link to the server's acceptance. */
  timeout: number;
  /** How long a link must stay up before its past failures are forgiven. */
  stableAfter: number;
  /** How long an old link may take to settle before it is closed. */
  drainTimeout: number;
  /** How long the server may take to answer a re-authentication. */
  reauthenticateTimeout: number;
}

/** Counters and codes, never a token, a claim, a socket or an error object. */
export interface ConnectionContext {
  /** What the options decide; it never changes. */
  settings: ConnectionSettings;
  /** The number of the token in force; 0 while there is none. */
  epoch: number;
  /** Whether nobody here can read whose the token in force is. */
  isOpaque: boolean;
  /** Whether the session has changed by the server's word, and the new epoch for it has not begun. */
  isRenewalDue: boolean;
  /** Whether it has changed, or somebody has just signed in, and it may still be on its way. */
  isSessionDue: boolean;
  /** The lifetime of the token in force in milliseconds, by the server's word, else its own; `null` if unknown. */
  lifetime: number | null;
  /** The link in force, which carries the traffic; 0 while there is none. */
  link: number;
  /** The link that is being opened beside it; 0 while there is none. */
  nextLink: number;
  /** The link that was in force before and is finishing; 0 while there is none. */
  oldLink: number;
  /** The epoch that the link in force was authenticated with. */
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
  /** Whether the server of the link in force takes another token on the same link. */
  hasReauthentication: boolean;
  /** Failures in a row of a refresh ahead of expiry. */
  refreshAttempt: number;
  /** Whether the token in force came from a refresh and no server has accepted it yet. */
  isRefreshed: boolean;
  /** Whether "retry at once" has been used up since the last stable link. */
  hasRetriedAtOnce: boolean;
  /** The epoch whose link dropped unplanned, so that its state may be recovered; 0 for none. */
  droppedEpoch: number;
  /** Whether the storage was asked and has not answered: nothing is written or delivered meanwhile. */
  isUnread: boolean;
  /** Whether the page or the network was away, so that the link has to prove that it is alive. */
  isWaking: boolean;
}

/**
 * To the storage actor. `read`: look now, and answer with one `token.*` event; with `isRenewal` the token gets a new
 * epoch, even if it is the same. With a cookie: `announce`, the server has named the user, so that other tabs are told where they know of another one; `forget`, it
 * lets nobody in, so that what another tab tells of a user is news.
 */
export type StorageCommand = { type: "read"; isRenewal: boolean } | { type: "announce" } | { type: "forget" };

/** To the refresher: ask for a fresh token, unless that is under way; or give up, as nobody is signed in. */
export type RefresherCommand = { type: "refresh" } | { type: "abandon" };

/**
 * To the links actor. `close` is at once; `leave` waits for the server to have read what was written; `check` has the
 * link prove that it is alive.
 */
export type LinksCommand =
  | { type: "open"; link: number; epoch: number; isRecovery: boolean }
  | { type: "reauthenticate"; link: number; epoch: number }
  | { type: "check"; link: number }
  | { type: "settle"; link: number }
  | { type: "leave"; link: number }
  | { type: "abandon" }
  | { type: "close"; link: number };

/**
 * To the traffic actor, which is the application's sockets and their outbox. `switch` attaches a link and keeps the
 * acknowledgements that are due on the last one; `drain` asks to be told when they are in; `finish` gives them up.
 * `pause` keeps messages from being written until `resume`, and with `isIncomingToo` what comes in from being delivered.
 */
export type TrafficCommand =
  | { type: "start" }
  | { type: "stop" }
  | { type: "attach"; link: number }
  | { type: "switch"; link: number }
  | { type: "drain"; link: number }
  | { type: "finish" }
  | { type: "detach"; reason: string }
  | { type: "pause"; isIncomingToo: boolean }
  | { type: "resume" }
  | { type: "refuse"; code: "ERR_LOGGED_OUT" }
  | { type: "accept" }
  | { type: "renew" }
  | { type: "fail"; code: string };

const ROTATION_REASON = "token rotation";
const LEAVE_REASON = "io client disconnect";

/** The name of the timer after which an awaited session counts as overdue. */
const SESSION_TIMER = "session";

/** Events by which a link is let go for the sake of a newer token. */
const ROTATING_EVENTS = new Set(["token.changed", "io.settled", "io.reauthenticationFailed"]);

/** What the context holds of links while there is none. */
const NO_LINKS = { link: 0, nextLink: 0, oldLink: 0, hasReauthentication: false };

/** The reason that the application hears in `disconnect` when the link in force is let go. */
const disconnectReason = (event: ConnectionEvent | { type: string }): string => {
  if ("reason" in event) return event.reason;
  if (ROTATING_EVENTS.has(event.type)) return ROTATION_REASON;
  return event.type.startsWith("xstate.after.drainTimeout") ? ROTATION_REASON : LEAVE_REASON;
};

/** The longest delay that the system's timers keep, in milliseconds; beyond it they fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;
const kept = (delay: number): number => Math.min(LONGEST_DELAY, delay);

/** For how long, in milliseconds, a timer says how far the wall clock has gone: a machine may sleep. */
const CLOCK_CHECK = 60_000;

/** A time to stay away that a delay can be made of. */
const stayOf = (retryAfter = Number.NaN): number | null =>
  Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter : null;

/** What is used of the argument of `enqueueActions`. */
interface SessionTimer {
  assign(change: { isSessionDue: boolean }): void;
  cancel(id: string): void;
  raise(event: SessionEvent, options: { id: string; delay: "stableAfter" }): void;
}

/** From now on a session is expected within `stableAfter`. */
const expectSession = (enqueue: SessionTimer): void => {
  enqueue.assign({ isSessionDue: true });
  enqueue.cancel(SESSION_TIMER);
  enqueue.raise({ type: "session.overdue" }, { id: SESSION_TIMER, delay: "stableAfter" });
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
    refresher: fromCallback<RefresherCommand>(() => {}),
  },
  delays: {
    /** Before the next attempt. The real one has full jitter; this one shows the clamp. */
    reconnectionDelay: ({ context }) =>
      Math.max(context.retryAfter ?? 0, Math.min(30_000, 1_000 * 2 ** Math.max(0, context.attempt - 1))),
    /** From the opening of a link to the server's acceptance. */
    timeout: ({ context }) => kept(context.settings.timeout),
    /** How long a link must stay up before its past failures are forgiven. */
    stableAfter: ({ context }) => kept(context.settings.stableAfter),
    /** How long an old link may take to settle before it is closed. */
    drainTimeout: ({ context }) => kept(context.settings.drainTimeout),
    /** How long the server may take to answer a re-authentication. */
    reauthenticateTimeout: ({ context }) => kept(context.settings.reauthenticateTimeout),
    /** Until a refresh ahead of expiry is due. The real one knows when the token came, and has jitter. */
    refreshDelay: ({ context }) => kept((context.lifetime ?? Number.POSITIVE_INFINITY) * 0.9),
    /** Until that is computed anew, as the wall clock may jump. What is tried again after a failure is due already. */
    clockCheck: ({ context }) => (context.refreshAttempt === 0 ? CLOCK_CHECK : LONGEST_DELAY),
  },
  guards: {
    /** A `refresh` function was given. */
    hasRefresh: ({ context }) => context.settings.hasRefresh,
    /** `reconnectionAttempts` is not used up. */
    hasAttemptsLeft: ({ context }) => context.attempt < context.settings.reconnectionAttempts,
    /** The event comes from the link in force. */
    isCurrentLink: ({ context, event }) =>
      "link" in event && context.link !== 0 && event.link === context.link,
    /** The event comes from the link that is being opened beside the one in force. */
    isNextLink: ({ context, event }) =>
      "link" in event && context.nextLink !== 0 && event.link === context.nextLink,
    /** The event comes from the link that is finishing. */
    isOldLink: ({ context, event }) =>
      "link" in event && context.oldLink !== 0 && event.link === context.oldLink,
    /** The answer is about the link and the token in force. */
    isCurrentAnswer: ({ context, event }) =>
      "link" in event && "epoch" in event && event.link === context.link && event.epoch === context.epoch,
    /** The credential is a cookie of a session, which nobody here can read. */
    hasSessionCookie: ({ context }) => context.settings.isCookie,
    /** The server says that the session has changed, and asks for a new handshake. */
    isSessionChanged: ({ event }) =>
      "session" in event &&
      event.session === "changed" &&
      "verdict" in event &&
      event.verdict !== "logout" &&
      event.verdict !== "refresh",
    /** The server says that nobody is signed in, or not any more. */
    isSessionOver: ({ event }) =>
      "session" in event && (event.session === "required" || event.session === "ended"),
    /** Nobody is signed in in the session of this handshake; the awaited one may still be on its way. */
    isSessionAwaited: and([
      "hasAttemptsLeft",
      ({ context, event }) => context.isSessionDue && "session" in event && event.session === "required",
    ]),
    /** The option `rotation` allows to put a token in force on the same link. */
    isInPlaceAllowed: ({ context }) => context.settings.rotation !== "replace",
    /** The option `rotation` allows a new link beside the old one. */
    isOverlapAllowed: ({ context }) => context.settings.rotation === "overlap",
    /** The server announced that it takes another token on the same link. */
    hasReauthentication: ({ context }) => context.hasReauthentication,
    /** The link in force was authenticated by the token in force. */
    isUpToDate: ({ context }) => context.link !== 0 && context.linkEpoch === context.epoch,
    /** There is a token. */
    hasToken: ({ context }) => context.epoch !== 0,
    /** The new token belongs to another user than the one before, or it may. */
    isOtherUser: ({ event }) => event.type === "token.changed" && event.isOtherUser,
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
    /** "Retry at once" has been used up since the last stable link. */
    hasRetriedAtOnce: ({ context }) => context.hasRetriedAtOnce,
    /** The token in force came from a refresh and was never accepted: a second refusal is final. */
    isRefreshed: ({ context }) => context.isRefreshed,
    /** The token in force was refused and needs a refresh before anything is sent again. */
    isRefused: ({ context }) => context.refusedEpoch !== 0 && context.refusedEpoch === context.epoch,
    /** The token in force was refused, and there is a way to refresh it. */
    canRefreshRefused: and(["isRefused", "hasRefresh"]),
    /** There is a token, and a way to refresh it. */
    canRefresh: and(["hasToken", "hasRefresh"]),
    /** The page or the network was away. */
    isWaking: ({ context }) => context.isWaking,
    /** The refusal speaks for a way that is not open, not about the token. */
    isReplace: ({ event }) => "verdict" in event && event.verdict === "replace",
    /** The storage was asked, and gave no answer. */
    isUnread: ({ context }) => context.isUnread,
    /** The token was refused for good: by verdict, or because refreshing is impossible or did not help. */
    isFinal: and([
      not("isSessionAwaited"),
      or(["isLogout", and(["isRefresh", or([not("hasRefresh"), "isRefreshed"])])]),
    ]),
    /** The link in force was refused for good. */
    isFinalRefusal: and(["isCurrentLink", "isFinal"]),
    /** The link in force failed, and no attempt is left. */
    isLastFailure: and(["isCurrentLink", not("hasAttemptsLeft")]),
    /** The link in force was refused, and there is no attempt left to refresh its token. */
    isLastRefusal: and(["isLastFailure", "isRefresh"]),
    /** The link in force was refused, and nothing has failed before. */
    canRefreshAtOnce: and(["isCurrentLink", "isRefresh", "isFirstFailure"]),
    /** The link in force was refused, and a refresh is due after the delay. */
    canRefreshLater: and(["isCurrentLink", "isRefresh"]),
    /** The link in force failed, and may be tried again without delay. */
    canRetryAtOnce: and(["isCurrentLink", "isAtOnce"]),
    /** The old link ended for a reason that concerns only the old token. */
    isOldTokenRefused: and(["isCurrentLink", not("isRetry")]),
    /** Two links may be open for a moment: the token says that both are one user's. */
    canOverlap: and(["isOverlapAllowed", ({ context }) => !context.isOpaque]),
    /** The session of the link in force has changed. */
    isChange: and(["isCurrentLink", "isSessionChanged"]),
    /** The same, and no handshake was made at once for that since the last stable link. */
    isFirstChange: and(["isChange", ({ context }) => !context.hasRetriedAtOnce]),
    /** The session of either of two links has changed. */
    isChangeBeside: and([or(["isCurrentLink", "isNextLink"]), "isSessionChanged"]),
    /** In the session of the link in force nobody is signed in. */
    isSignOut: and(["isFinalRefusal", "hasSessionCookie", "isSessionOver"]),
    /** The server takes nothing on this link any more, as its session has changed. */
    isChangeAnswer: and([
      "isCurrentAnswer",
      ({ event }) => "session" in event && event.session === "changed",
    ]),
    /** The link in force is alive, and has not been authenticated by the token in force. */
    isOutdated: and(["isCurrentLink", not("isUpToDate")]),
    /** A token may be put in force on the same link. */
    canReauthenticate: and(["hasReauthentication", "isInPlaceAllowed"]),
    /** The server says that the token in force is another user's: the one that was asked, now or before. */
    isOtherAnswer: ({ context, event }) =>
      event.type === "io.reauthenticationFailed" &&
      event.epoch === context.epoch &&
      (event.link === context.link || event.link === context.oldLink) &&
      event.isOtherUser === true,
    /** The server does not take another token on this link. */
    isUnavailableAnswer: and(["isCurrentAnswer", "isReplace"]),
    /** The server refuses the token in force for good. */
    isFinalAnswer: and(["isCurrentAnswer", "isFinal"]),
    /** The server wants a fresher token. */
    isRefreshAnswer: and(["isCurrentAnswer", "isRefresh"]),
    /** The new link was refused for good. */
    isFinalNext: and(["isNextLink", "isFinal"]),
    /** The new link was refused, and a refresh may help. */
    isRefreshNext: and(["isNextLink", "isRefresh"]),
  },
  actions: {
    /** Ask the storage for the token; it answers with one `token.*` event. */
    readStorage: enqueueActions(({ enqueue }) => {
      enqueue.assign({ isUnread: true });
      enqueue.sendTo("storage", ({ context }) => ({ type: "read", isRenewal: context.isRenewalDue }));
    }),
    /** Put the new token in force. After `login()` with a cookie the session may not be stored yet. */
    adoptToken: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "token.changed") return;
      if (event.isLogin) expectSession(enqueue);
      if (event.isOtherUser) enqueue.sendTo("links", { type: "abandon" });
      enqueue.assign({
        epoch: event.epoch,
        isOpaque: event.isOpaque === true,
        lifetime: event.lifetime ?? null,
        isRefreshed: false,
        refusedEpoch: 0,
        refreshAttempt: 0,
        isUnread: false,
        isRenewalDue: false,
      });
      enqueue.sendTo("traffic", { type: "renew" });
    }),
    /** Take down what the server says of itself. */
    noteReady: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "io.ready") return;
      enqueue.assign({
        hasReauthentication: event.reauthenticate,
        lifetime: event.lifetime ?? context.lifetime,
      });
      if (context.settings.isCookie) enqueue.sendTo("storage", { type: "announce" });
    }),
    /** With a cookie, whom the server named counts no more: a user of whom another tab tells is worth a try. */
    forgetUser: enqueueActions(({ context, enqueue }) => {
      if (context.settings.isCookie) enqueue.sendTo("storage", { type: "forget" });
    }),
    /** The link in force is authenticated by the token in force. */
    noteReauthenticated: assign({
      linkEpoch: ({ context }) => context.epoch,
      lifetime: ({ context, event }) =>
        "lifetime" in event ? (event.lifetime ?? context.lifetime) : context.lifetime,
    }),
    /** This link takes no other token, whatever its server said. */
    forgetReauthentication: assign({ hasReauthentication: false }),
    /** There is no token any more. */
    forgetToken: enqueueActions(({ enqueue }) => {
      enqueue.assign({
        epoch: 0,
        lifetime: null,
        isOpaque: false,
        refusedEpoch: 0,
        droppedEpoch: 0,
        isRefreshed: false,
        isUnread: false,
        isRenewalDue: false,
      });
      enqueue.sendTo("refresher", { type: "abandon" });
    }),
    /** A session is expected within `stableAfter`, and until then nobody counts as signed out. */
    awaitSession: enqueueActions(({ enqueue }) => expectSession(enqueue)),
    /** The session has arrived, or has had its time. */
    endSessionWait: enqueueActions(({ enqueue }) => {
      enqueue.assign({ isSessionDue: false });
      enqueue.cancel(SESSION_TIMER);
    }),
    /** With the next answer of the storage a new epoch begins, even if the token is the same. */
    markRenewalDue: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ isRenewalDue: true });
      // A look that is under way would end in the epoch that there is.
      if (context.isUnread) enqueue.sendTo("storage", { type: "read", isRenewal: true });
    }),
    /** Nobody is signed in, which is no failure. */
    forgetFailure: assign({ code: null, retryAfter: null }),
    /** A session that was there and has ended is worth telling; that nobody is signed in is not. */
    noteSessionEnd: assign({
      code: ({ event }) =>
        "session" in event && event.session === "ended" && "code" in event ? event.code : null,
      retryAfter: null,
    }),
    /** Remember that the token in force came from a refresh. */
    markRefreshed: assign({ isRefreshed: true }),
    /** Remember that the token in force was refused. */
    markRefused: assign({ refusedEpoch: ({ context }) => context.epoch }),
    /** Remember that the dropped link's state may be recovered by the same token. */
    markDropped: assign({ droppedEpoch: ({ context }) => context.linkEpoch }),
    /** Remember that "retry at once" is used up. */
    markRetriedAtOnce: assign({ hasRetriedAtOnce: true }),
    /** Forget how long the server asked us to stay away. */
    forgetStay: assign({ retryAfter: null }),
    /** Remember that the storage gave an answer. */
    markRead: assign({ isUnread: false }),
    /** Remember that the page or the network was away. */
    markWaking: assign({ isWaking: true }),
    /** The link has proved to be alive, or is not needed any more. */
    markAwake: assign({ isWaking: false }),
    /** Count a failure, keep its code, and let the application hear of it. */
    noteFailure: enqueueActions(({ context, event, enqueue }) => {
      const code = "code" in event ? event.code : "ERR_CONNECT_TIMEOUT";
      enqueue.assign({
        attempt: context.attempt + 1,
        code,
        retryAfter: "retryAfter" in event ? stayOf(event.retryAfter) : null,
      });
      if (event.type !== "io.disconnected") enqueue.sendTo("traffic", { type: "fail", code });
    }),
    /** Count a refresh ahead of expiry that failed, and keep its code. */
    noteRefreshFailure: assign({
      code: ({ context, event }) => ("code" in event ? event.code : context.code),
      refreshAttempt: ({ context }) => context.refreshAttempt + 1,
    }),
    /** Forget the dropped link: the application has stopped since. */
    forgetDropped: assign({ droppedEpoch: 0 }),
    /** Forgive past failures. */
    forgiveAttempts: assign({ attempt: 0, retryAfter: null, hasRetriedAtOnce: false }),
    /** Forget that the token was refused: the application asks for one explicit attempt. */
    forgiveToken: assign({ refusedEpoch: 0, isRefreshed: false }),
    /** Open a link for the token in force, unless one is opening already. */
    openLink: enqueueActions(({ context, enqueue }) => {
      if (context.link !== 0) return;
      const link = context.linksOpened + 1;
      enqueue.assign({ link, linkEpoch: context.epoch, linksOpened: link });
      enqueue.sendTo("links", {
        type: "open",
        link,
        epoch: context.epoch,
        isRecovery: context.droppedEpoch !== 0 && context.droppedEpoch === context.epoch,
      });
    }),
    /** Open a link for the token in force beside the one that carries the traffic. */
    openNextLink: enqueueActions(({ context, enqueue }) => {
      const link = context.linksOpened + 1;
      enqueue.assign({ nextLink: link, linksOpened: link });
      enqueue.sendTo("links", { type: "open", link, epoch: context.epoch, isRecovery: false });
    }),
    /** Give up the link that is being opened beside the one in force. */
    closeNextLink: enqueueActions(({ context, enqueue }) => {
      enqueue.sendTo("links", { type: "close", link: context.nextLink });
      enqueue.assign({ nextLink: 0 });
    }),
    /** The new link is in force from now on; the old one only finishes. */
    switchLink: enqueueActions(({ context, enqueue }) => {
      enqueue.sendTo("traffic", { type: "switch", link: context.nextLink });
      enqueue.assign({
        oldLink: context.link,
        link: context.nextLink,
        nextLink: 0,
        linkEpoch: context.epoch,
        hasReauthentication: false,
      });
    }),
    /** The old link is gone: the one that is being opened takes its place. */
    promoteNextLink: enqueueActions(({ context, event, enqueue }) => {
      enqueue.sendTo("traffic", { type: "detach", reason: disconnectReason(event) });
      enqueue.sendTo("links", { type: "close", link: context.link });
      enqueue.assign({
        link: context.nextLink,
        nextLink: 0,
        linkEpoch: context.epoch,
        hasReauthentication: false,
      });
    }),
    /** The old link has finished, or has had its time. */
    closeOldLink: enqueueActions(({ context, enqueue }) => {
      enqueue.sendTo("traffic", { type: "finish" });
      enqueue.sendTo("links", { type: "close", link: context.oldLink });
      enqueue.assign({ oldLink: 0 });
    }),
    /** Close every link at once. */
    closeLink: enqueueActions(({ context, event, enqueue }) => {
      const { link, nextLink, oldLink } = context;
      if (link !== 0) enqueue.sendTo("traffic", { type: "detach", reason: disconnectReason(event) });
      // The one in force comes last: what it leaves behind may be recovered.
      for (const each of [nextLink, oldLink, link]) {
        if (each !== 0) enqueue.sendTo("links", { type: "close", link: each });
      }
      enqueue.assign(NO_LINKS);
    }),
    /** Let the links that are up go once the server has read what was written. */
    leaveLink: enqueueActions(({ context, event, enqueue }) => {
      const { link, nextLink, oldLink } = context;
      enqueue.sendTo("traffic", { type: "detach", reason: disconnectReason(event) });
      if (nextLink !== 0) enqueue.sendTo("links", { type: "close", link: nextLink });
      for (const each of [oldLink, link]) {
        if (each !== 0) enqueue.sendTo("links", { type: "leave", link: each });
      }
      enqueue.assign(NO_LINKS);
    }),
    /** A link that was left and still settles is closed at once: the user has signed out. */
    abandonLinks: sendTo("links", { type: "abandon" }),
    /** Ask the link in force to prove that the server has read what was written. */
    settleLink: sendTo("links", ({ context }) => ({ type: "settle", link: context.link })),
    /** Ask the old link to prove that the server has read what was written. */
    settleOldLink: sendTo("links", ({ context }) => ({ type: "settle", link: context.oldLink })),
    /** Ask to be told when everything that is due on the old link has come in. */
    drainTraffic: sendTo("traffic", ({ context }) => ({ type: "drain", link: context.oldLink })),
    /** Ask the link in force to prove that it is alive. */
    checkLink: sendTo("links", ({ context }) => ({ type: "check", link: context.link })),
    /** Ask the server to take the token in force on the link in force. */
    reauthenticateLink: sendTo("links", ({ context }) => ({
      type: "reauthenticate",
      link: context.link,
      epoch: context.epoch,
    })),
    /** Ask for a fresh token, unless that is under way. */
    refreshToken: sendTo("refresher", { type: "refresh" }),
    /** The application's sockets count as active: they are connected or will be. */
    startTraffic: sendTo("traffic", { type: "start" }),
    /** The application's sockets wait to be asked. */
    stopTraffic: sendTo("traffic", { type: "stop" }),
    /** The link in force carries the application's traffic. */
    attachTraffic: sendTo("traffic", ({ context }) => ({ type: "attach", link: context.link })),
    /** A working link clears the record of failures that led to it, but not their count. */
    acceptLink: assign({
      code: null,
      retryAfter: null,
      refusedEpoch: 0,
      isRefreshed: false,
      droppedEpoch: 0,
    }),
    /** Nothing is written for now; what comes in is delivered. */
    pauseTraffic: sendTo("traffic", { type: "pause", isIncomingToo: false }),
    /** Nothing is written for now, and what comes in is kept. */
    holdTraffic: sendTo("traffic", { type: "pause", isIncomingToo: true }),
    /** What waits is written, and what was kept is delivered. */
    resumeTraffic: sendTo("traffic", { type: "resume" }),
    /** Drop what is queued and refuse what comes: nobody is signed in. */
    refuseTraffic: sendTo("traffic", { type: "refuse", code: "ERR_LOGGED_OUT" }),
    /** Queue what comes: somebody is signing in. */
    acceptTraffic: sendTo("traffic", { type: "accept" }),
  },
});

/** No attempt is left. */
const lastFailure = {
  guard: "isLastFailure",
  target: "#connection.idle.exhausted",
  actions: ["closeLink", "noteFailure"],
  description: "`reconnectionAttempts` is used up.",
} as const;

/** No attempt is left, and the token was refused. */
const lastRefusal = {
  guard: "isLastRefusal",
  target: "#connection.idle.exhausted",
  actions: ["closeLink", "markRefused", "noteFailure"],
  description: "`reconnectionAttempts` is used up, and the token is never sent again.",
} as const;

/** The trouble is not the token's. */
const outage = {
  guard: "isCurrentLink",
  target: "#connection.connecting.waiting",
  actions: ["markDropped", "closeLink", "noteFailure"],
  description: "An outage: try again after the delay.",
} as const;

/** The server refused the token of the link in force for good. */
const finalRefusal = {
  guard: "isFinalRefusal",
  target: "#connection.loggedOut.rejected",
  actions: ["closeLink", "markRefused", "noteFailure"],
  description: "The server refused this token for good; only another one can help.",
} as const;

/** Where a link leads whose session has changed: to a new handshake under a new epoch, and never to the same link. */
const sessionChange = [
  {
    guard: "isFirstChange",
    target: "#connection.connecting.reading",
    actions: ["closeLink", "markRenewalDue", "awaitSession", "noteFailure", "markRetriedAtOnce"],
    description: "The session has changed: a new epoch and a new handshake, at once.",
  },
  {
    guard: and(["isChange", "hasAttemptsLeft"]),
    target: "#connection.connecting.waiting",
    actions: ["closeLink", "markRenewalDue", "awaitSession", "noteFailure"],
    description: "It changes again and again: a new epoch and a new handshake, after the delay.",
  },
  {
    guard: "isChange",
    target: "#connection.idle.exhausted",
    actions: ["closeLink", "markRenewalDue", "noteFailure"],
    description: "`reconnectionAttempts` is used up.",
  },
] as const;

/** The same, while one link is opened beside another. */
const sessionChangeBeside = {
  guard: "isChangeBeside",
  target: "#connection.connecting.reading",
  actions: ["closeLink", "markRenewalDue", "awaitSession", "noteFailure", "markRetriedAtOnce"],
  description: "The session has changed: both links are closed, a new epoch and a new handshake.",
} as const;

/** The server says that nobody is signed in in the session of the cookie. */
const sessionEnd = {
  guard: "isSignOut",
  target: "#connection.loggedOut.signedOut",
  actions: ["closeLink", "noteSessionEnd"],
  description: "Nobody is signed in in this session, or not any more.",
} as const;

/** What holds for every other refusal, once no fresh token can help at once. */
const laterTrouble = [
  lastRefusal,
  lastFailure,
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
  outage,
] as const;

/** Where a link leads that was refused. */
const linkRefusal = [
  ...sessionChange,
  sessionEnd,
  finalRefusal,
  {
    guard: "canRefreshAtOnce",
    target: "#connection.connecting.refreshing",
    actions: ["closeLink", "markRefused", "noteFailure"],
    description: "The token is refused: refresh it once, and never send it again.",
  },
  ...laterTrouble,
] as const;

/** Where a link leads that was disconnected. */
const linkEnd = [
  ...sessionChange,
  sessionEnd,
  finalRefusal,
  {
    guard: "canRefreshAtOnce",
    target: "#connection.connecting.waiting",
    actions: ["closeLink", "markRefused", "noteFailure"],
    description: "The token has ended, and perhaps many others with it: refresh it after a random delay.",
  },
  ...laterTrouble,
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

/** The new link failed, while the old one lives. */
const nextLinkOutage = {
  guard: "isNextLink",
  target: "#connection.rotating.overlapping.waiting",
  actions: ["closeNextLink", "noteFailure"],
  description: "The new link failed: the old one goes on, and another is opened after the delay.",
} as const;

/** The old link ended, while the new one is on its way. */
const oldLinkEnd = {
  guard: "isCurrentLink",
  target: "#connection.rotating.replacing.opening",
  actions: "promoteNextLink",
  description: "The old link is gone: the new one takes its place.",
} as const;

/** Where a refusal leads, of the new link or of the old one. */
const nextLinkRefusal = [
  sessionChangeBeside,
  {
    guard: "isFinalNext",
    target: "#connection.loggedOut.rejected",
    actions: ["closeLink", "markRefused", "noteFailure"],
    description: "The server refused the newest token for good.",
  },
  {
    guard: "isRefreshNext",
    target: "#connection.rotating.refreshing",
    actions: ["closeNextLink", "markRefused", "noteFailure"],
    description: "The newest token is refused: the old link stays while it is refreshed.",
  },
  nextLinkOutage,
  oldLinkEnd,
] as const;

/** The new link took too long, while the old one lives. */
const nextLinkTimeout = {
  target: "#connection.rotating.overlapping.waiting",
  actions: ["closeNextLink", "noteFailure"],
  description: "The new link took too long: the old one goes on, and another is opened after the delay.",
} as const;

/** Where trouble with the old link leads once the new one is in force; trouble with the new one is the root's. */
const oldLinkTrouble = {
  guard: "isOldLink",
  target: "#connection.rotating.choosing",
  actions: "closeOldLink",
  description: "The old link is gone; the new one is in force already.",
} as const;

/** Where the end of the old link leads whose token is at an end, when the new token is at hand. */
const oldTokenTrouble = {
  guard: "isOldTokenRefused",
  target: "#connection.rotating.replacing.opening",
  actions: "closeLink",
  description: "Only the old token is refused; the new one is at hand.",
} as const;

/** The server knows better than the token whose it is. */
const otherUsersToken = {
  guard: "isOtherAnswer",
  target: "#connection.rotating.replacing.opening",
  actions: ["closeLink", "abandonLinks"],
  description:
    "The server says that this is another user: what is open is closed at once, what was queued is dropped.",
} as const;

/** A token of another user ends everything of the last one, whatever it was doing. */
const otherUser = {
  guard: "isOtherUser",
  target: "#connection.rotating.replacing.opening",
  actions: ["closeLink", "adoptToken"],
  description: "Another user: what is open is closed at once, what was queued is dropped.",
} as const;

/** The old link ended, while the newest token, which was refused, is refreshed. */
const oldLinkEndWhileRefreshing = {
  guard: "isCurrentLink",
  target: "#connection.connecting.refreshing",
  description: "The old link is gone as well; the refresh goes on.",
} as const;

/** A newer token, while the new link is opening. */
const nextLinkOutdated = [
  otherUser,
  {
    target: "#connection.rotating.choosing",
    actions: ["closeNextLink", "adoptToken"],
    description: "The newest token wins: start over with it.",
  },
] as const;

/** Where a link leads that the server accepted, while there is no other. */
const linkAccepted = {
  guard: "isCurrentLink",
  target: "#connection.connected",
  description: "The server accepted the token, and whose the link is is certain.",
} as const;

/** The application does not want to wait. */
const atOnce = {
  guard: not("hasRetriedAtOnce"),
  actions: ["markRetriedAtOnce", "forgetStay"],
  reenter: true,
  description: "The application does not want to wait; granted once per stable link.",
} as const;

/** It does not want to wait again: the backoff stays, which keeps many clients from coming at once. */
const withoutStay = {
  actions: "forgetStay",
  reenter: true,
  description: "Once more: it waits for the delay alone, and not for what the server asked for.",
} as const;

/** Nobody can say yet who is signed in: look again after the delay. */
const lookAgain = {
  guard: "isUnread",
  actions: "readStorage",
  description: "Look again, as the last answer was none.",
} as const;

/**
 * The statechart of one connection: every decision about connecting, rotating and tearing down.
 *
 * It is pure: it opens nothing and reads nothing. Five actors do the work and obey (`storage`, `refresher`, `links`,
 * `traffic`, `environment`); the stubs here do nothing, so that the chart runs as it
 * stands in a visualizer. With real ones it is `connectionLogic` of `socket-rotor`.
 *
 * @example
 * ```ts
 * import { connectionMachine } from "socket-rotor/machines";
 * import { initialTransition, transition } from "xstate";
 *
 * const [start] = initialTransition(connectionMachine);
 * const [next] = transition(connectionMachine, start, { type: "connect" });
 * console.log(next.value); // { connecting: "reading" }
 * ```
 */
export const connectionMachine = chart.createMachine({
  id: "connection",
  description: "One Socket.IO connection that always carries the right credential.",
  options: { maxIterations: 100 },
  context: {
    settings: {
      reconnectionAttempts: Number.POSITIVE_INFINITY,
      rotation: "auto",
      hasRefresh: false,
      isCookie: false,
      timeout: 20_000,
      stableAfter: 5_000,
      drainTimeout: 5_000,
      reauthenticateTimeout: 5_000,
    },
    epoch: 0,
    isOpaque: false,
    isRenewalDue: false,
    isSessionDue: false,
    lifetime: null,
    link: 0,
    nextLink: 0,
    oldLink: 0,
    linkEpoch: 0,
    linksOpened: 0,
    attempt: 0,
    code: null,
    retryAfter: null,
    refusedEpoch: 0,
    hasReauthentication: false,
    refreshAttempt: 0,
    isRefreshed: false,
    hasRetriedAtOnce: false,
    droppedEpoch: 0,
    isUnread: false,
    isWaking: false,
  },
  // Order matters: traffic and links must listen before the others speak, and the environment hears of the end of a
  // sleep before a storage that looks at the same moment, so that the link is known to be in doubt.
  invoke: [
    { src: "traffic", id: "traffic" },
    { src: "links", id: "links" },
    { src: "refresher", id: "refresher" },
    { src: "environment", id: "environment" },
    { src: "storage", id: "storage" },
  ],
  initial: "idle",

  // What holds in every state that does not say otherwise. Links that are no longer in force match nothing.
  on: {
    "token.maybeChanged": {
      actions: "readStorage",
      description: "The token may have changed: nothing leaves or comes in until it is read.",
    },
    "token.removed": {
      target: ".loggedOut.signedOut",
      actions: ["forgetToken", "forgetFailure"],
      description: "Signed out, here or in another tab.",
    },
    "token.unchanged": { actions: "markRead", description: "The token in force is still the right one." },
    "io.ready": {
      guard: "isCurrentLink",
      actions: "noteReady",
      description: "What the server says of itself, and of the user.",
    },
    "io.refused": linkRefusal,
    "io.failed": [lastFailure, outage],
    "io.disconnected": linkEnd,
    "network.online": {
      actions: "readStorage",
      description: "The token may have changed while the network was away.",
    },
    "network.offline": { description: "A hint only: it never stops a healthy link." },
    "page.resumed": {
      actions: "readStorage",
      description: "The token may have changed while the page slept.",
    },
    disconnect: { target: ".idle.stopped", description: "The application stops the connection." },
    "links.lost": {
      target: ".connecting.reading",
      description:
        "It was stopped, and is started again: the token may be another one, and the links are gone.",
    },
    "session.overdue": {
      actions: "endSessionWait",
      description: "The awaited session has had its time: no session is no sign-in again.",
    },
  },

  states: {
    idle: {
      description: "Not started, stopped by the application, or out of attempts. No link.",
      entry: ["closeLink", "stopTraffic"],
      exit: "startTraffic",
      initial: "stopped",
      on: {
        "links.lost": {
          actions: "readStorage",
          description: "Started again: no link was lost, and the token may be another one.",
        },
      },
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
              actions: ["abandonLinks", "forgetToken"],
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
            "io.connected": linkAccepted,
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
            connect: [
              { ...atOnce, target: "reading" },
              { ...withoutStay, target: "waiting" },
            ],
          },
          after: {
            reconnectionDelay: { target: "reading", description: "The delay is over." },
          },
        },
        refreshing: {
          description:
            "The token was refused: `refresh` is asked for another one. Nothing is sent meanwhile.",
          entry: ["closeLink", "refreshToken"],
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
      entry: ["acceptLink", "endSessionWait", "attachTraffic", "resumeTraffic"],
      exit: "markAwake",
      initial: "steady",
      on: {
        "token.changed": [
          otherUser,
          {
            guard: "isWaking",
            target: ".steady",
            actions: ["adoptToken", "checkLink"],
            description: "A newer token, after a sleep: first of all, is the link still alive?",
          },
          {
            target: "rotating",
            actions: "adoptToken",
            description: "A newer token of the same user: put it in force.",
          },
        ],
        "token.unchanged": {
          guard: "isWaking",
          actions: ["markRead", "checkLink"],
          description: "The same token, after a sleep: is the link still alive?",
        },
        "token.unreadable": otherFailure,
        "io.settled": [
          {
            guard: "isOutdated",
            target: "rotating",
            description: "The link is alive, and there is a newer token: put it in force.",
          },
          {
            guard: "isCurrentLink",
            actions: ["markAwake", "resumeTraffic"],
            description: "The link is alive: go on.",
          },
        ],
        "network.online": {
          actions: ["markWaking", "pauseTraffic", "readStorage"],
          description: "The token may have changed while the network was away, and the link may be dead.",
        },
        "page.resumed": {
          actions: ["markWaking", "pauseTraffic", "readStorage"],
          description: "The token may have changed while the page slept, and the link may be dead.",
        },
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
            "io.ready": {
              guard: "isCurrentLink",
              target: "steady",
              reenter: true,
              actions: "noteReady",
              description: "What the server says of itself, and of how long the token lives.",
            },
          },
          after: {
            refreshDelay: {
              guard: "canRefresh",
              target: "refreshing",
              description: "The token expires soon.",
            },
            clockCheck: {
              guard: "canRefresh",
              target: "steady",
              reenter: true,
              description: "The wall clock may have jumped: compute anew when a refresh is due.",
            },
          },
        },
        refreshing: {
          description: "A fresh token is on its way; the link carries on with the one in force.",
          entry: "refreshToken",
          on: {
            "token.refreshFailed": {
              target: "steady",
              actions: "noteRefreshFailure",
              description: "The token in force is still good; the refresh is tried again.",
            },
          },
        },
      },
    },

    rotating: {
      description: "A newer token is being put in force.",
      initial: "choosing",
      on: {
        "token.changed": [
          otherUser,
          {
            target: ".choosing",
            actions: "adoptToken",
            description: "The newest token wins: start over with it.",
          },
        ],
        "token.unreadable": otherFailure,
        // Also from a server that has taken too long, while a weaker way is being taken already.
        "io.reauthenticationFailed": otherUsersToken,
        disconnect: {
          target: "idle.stopped",
          actions: "leaveLink",
          description: "The application stops; what it wrote is read by the server first.",
        },
      },
      states: {
        choosing: {
          description: "Takes the strongest way of rotating that is open, if one is still due.",
          always: [
            {
              guard: "isUpToDate",
              target: "#connection.connected",
              description: "The newest token is in force.",
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
            { target: "replacing", description: "What always works." },
          ],
        },
        reauthenticating: {
          description: "The server is asked to take the newest token on the same link. Traffic goes on.",
          initial: "asking",
          on: { "io.refused": oldTokenTrouble, "io.disconnected": oldTokenTrouble },
          states: {
            asking: {
              description: "The newest token is on its way.",
              entry: ["resumeTraffic", "reauthenticateLink"],
              on: {
                "io.reauthenticated": {
                  guard: "isCurrentAnswer",
                  target: "#connection.connected",
                  actions: "noteReauthenticated",
                  description: "The server accepted the newest token.",
                },
                "io.reauthenticationFailed": [
                  otherUsersToken,
                  {
                    guard: "isChangeAnswer",
                    target: "#connection.rotating.choosing",
                    actions: ["forgetReauthentication", "awaitSession"],
                    description: "The session has changed: only a new handshake brings it.",
                  },
                  {
                    guard: "isUnavailableAnswer",
                    target: "#connection.rotating.choosing",
                    actions: "forgetReauthentication",
                    description: "The server does not take it on this link: the next weaker way.",
                  },
                  {
                    guard: "isFinalAnswer",
                    target: "#connection.loggedOut.rejected",
                    actions: ["closeLink", "markRefused", "noteFailure"],
                    description: "The server refused the newest token for good.",
                  },
                  {
                    guard: "isRefreshAnswer",
                    target: "#connection.rotating.refreshing",
                    actions: ["markRefused", "noteFailure"],
                    description: "The newest token is refused: the old link stays while it is refreshed.",
                  },
                  {
                    guard: "isCurrentAnswer",
                    target: "waiting",
                    actions: "noteFailure",
                    description:
                      "Not now: the old link goes on, and the server is asked again after the delay.",
                  },
                ],
              },
              after: {
                reauthenticateTimeout: {
                  target: "#connection.rotating.choosing",
                  actions: "forgetReauthentication",
                  description: "No answer: the next weaker way.",
                },
              },
            },
            waiting: {
              description: "Waits before the server is asked again.",
              on: {
                connect: [
                  { ...atOnce, target: "asking" },
                  { ...withoutStay, target: "waiting" },
                ],
              },
              after: { reconnectionDelay: { target: "asking", description: "The delay is over." } },
            },
          },
        },
        overlapping: {
          description: "A new link is opened beside the old one, which carries the traffic until then.",
          initial: "opening",
          states: {
            opening: {
              description: "The new link is on its way; it has not presented the token yet.",
              entry: ["resumeTraffic", "openNextLink"],
              on: {
                "io.presented": {
                  guard: "isNextLink",
                  target: "presenting",
                  description: "From here on the new link may get what the old one gets.",
                },
                "io.refused": nextLinkRefusal,
                "io.failed": [nextLinkOutage, oldLinkEnd],
                "io.disconnected": [sessionChangeBeside, oldLinkEnd],
                "token.changed": nextLinkOutdated,
              },
              after: { timeout: nextLinkTimeout },
            },
            presenting: {
              description:
                "The server is deciding. What the old link brings is kept, and counts only if the new link fails.",
              entry: "holdTraffic",
              on: {
                "io.connected": {
                  guard: "isNextLink",
                  target: "settling",
                  actions: "switchLink",
                  description: "The server accepted the newest token.",
                },
                "io.refused": nextLinkRefusal,
                "io.failed": [nextLinkOutage, oldLinkEnd],
                "io.disconnected": [sessionChangeBeside, oldLinkEnd],
                "token.changed": nextLinkOutdated,
              },
              after: { timeout: nextLinkTimeout },
            },
            waiting: {
              description: "The new link failed: the old one goes on until another is opened.",
              entry: "resumeTraffic",
              on: {
                "io.refused": [
                  sessionChangeBeside,
                  {
                    guard: "isCurrentLink",
                    target: "#connection.rotating.replacing.opening",
                    actions: "closeLink",
                    description: "The old link is gone: nothing to overlap with.",
                  },
                ],
                "io.disconnected": [
                  sessionChangeBeside,
                  {
                    guard: "isCurrentLink",
                    target: "#connection.connecting.waiting",
                    actions: "closeLink",
                    description: "The old link is gone as well: wait on without one.",
                  },
                ],
                connect: [
                  { ...atOnce, target: "#connection.rotating.choosing" },
                  { ...withoutStay, target: "waiting" },
                ],
              },
              after: {
                reconnectionDelay: {
                  target: "#connection.rotating.choosing",
                  description: "The delay is over.",
                },
              },
            },
            settling: {
              description:
                "The new link is in force. Nothing is written until the server has read what was written on the old one.",
              entry: ["pauseTraffic", "settleOldLink"],
              on: {
                "io.settled": {
                  guard: "isOldLink",
                  target: "#connection.rotating.draining",
                  description: "Everything written on the old link was read.",
                },
                "io.refused": oldLinkTrouble,
                "io.failed": oldLinkTrouble,
                "io.disconnected": oldLinkTrouble,
                "token.changed": [
                  otherUser,
                  {
                    actions: "adoptToken",
                    description:
                      "The newest token wins, once the old link has finished: two links are enough.",
                  },
                ],
              },
              after: {
                drainTimeout: {
                  target: "#connection.rotating.choosing",
                  actions: "closeOldLink",
                  description: "The old link does not answer: nothing waits for it any longer.",
                },
              },
            },
          },
        },
        draining: {
          description:
            "The new link carries the traffic; the old one brings the acknowledgements that are due.",
          entry: ["resumeTraffic", "drainTraffic"],
          on: {
            "io.settled": {
              guard: "isOldLink",
              target: "choosing",
              actions: "closeOldLink",
              description: "Nothing is due on the old link any more.",
            },
            "io.refused": oldLinkTrouble,
            "io.failed": oldLinkTrouble,
            "io.disconnected": oldLinkTrouble,
            "token.changed": [
              otherUser,
              {
                actions: "adoptToken",
                description: "The newest token wins, once the old link has finished: two links are enough.",
              },
            ],
          },
          after: {
            drainTimeout: {
              target: "choosing",
              actions: "closeOldLink",
              description: "The old link has had its time; what is still due is given up.",
            },
          },
        },
        refreshing: {
          description:
            "The newest token was refused: the old link stays, and nothing is written until another comes.",
          entry: ["pauseTraffic", "refreshToken"],
          on: {
            "token.changed": [
              otherUser,
              {
                target: "choosing",
                actions: ["adoptToken", "markRefreshed"],
                description: "A fresh token, from the refresh or from another tab.",
              },
            ],
            "token.refreshFailed": {
              actions: "noteFailure",
              description: "Could not find out: the old link stays, and the refresh is tried again.",
            },
            connect: { ...atOnce, target: "refreshing" },
            "io.refused": oldLinkEndWhileRefreshing,
            "io.disconnected": oldLinkEndWhileRefreshing,
          },
          after: {
            reconnectionDelay: {
              target: "refreshing",
              reenter: true,
              description: "Asks again, unless that is still under way.",
            },
          },
        },
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
                  otherUser,
                  {
                    actions: "adoptToken",
                    description: "The newest token wins; the old link goes on settling.",
                  },
                ],
                "io.refused": oldTokenTrouble,
                "io.disconnected": oldTokenTrouble,
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
                "io.connected": linkAccepted,
                "token.changed": {
                  target: "opening",
                  reenter: true,
                  actions: ["closeLink", "adoptToken"],
                  description: "The newest token wins: start over with it.",
                },
                disconnect: {
                  target: "#connection.idle.stopped",
                  description: "The application stops.",
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
      entry: ["closeLink", "abandonLinks", "refuseTraffic", "endSessionWait", "forgetUser"],
      exit: "acceptTraffic",
      initial: "signedOut",
      on: {
        "token.changed": {
          target: "connecting.opening",
          actions: ["forgiveAttempts", "adoptToken"],
          description: "Somebody signed in.",
        },
        "links.lost": {
          actions: "readStorage",
          description: "Started again: no link was lost, and somebody may have signed in.",
        },
      },
      states: {
        signedOut: {
          description: "The storage holds no token, or nobody is signed in in the session of the cookie.",
          on: {
            connect: [
              {
                guard: "hasToken",
                target: "#connection.connecting.reading",
                actions: "forgiveAttempts",
                description: "Only the server knew that nobody was signed in: ask it again.",
              },
              { actions: "readStorage", description: "Look again." },
            ],
            "token.removed": {
              actions: ["forgetToken", "forgetFailure"],
              description: "Still signed out, here as well.",
            },
            "token.unreadable": {
              target: "signedOut",
              reenter: true,
              actions: "noteFailure",
              description: "Could not find out: look again after the delay.",
            },
          },
          after: { reconnectionDelay: lookAgain },
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
          after: { reconnectionDelay: lookAgain },
        },
      },
    },
  },
});
