// The sentences of explain(): what happened, and what follows. An event, a delay or a state that is missing does not compile.
import type { ConnectionEvent, connectionMachine, SessionWord, Verdict } from "../../machines/index.js";
import type { Leaf } from "./redact.js";

export type ConnectionEventType = ConnectionEvent["type"];

/** The names of the machine's delays. */
export type Delay = keyof NonNullable<Parameters<typeof connectionMachine.provide>[0]["delays"]>;

type VerdictWord = Verdict | "replace";

/** What may be said of a step: words and numbers of this library's own, and nothing else of the event. */
export interface Step {
  /** The event's type, or the delay that ended. */
  type: ConnectionEventType | Delay;
  from: Leaf;
  to: Leaf;
  verdict?: VerdictWord | undefined;
  code?: string | undefined;
  reason?: string | undefined;
  session?: SessionWord | undefined;
  retryAfter?: number | undefined;
  isOpaque: boolean;
  isOtherUser: boolean;
  reauthenticate: boolean;
}

export type Phrase = string | ((step: Step) => string);

const within = (path: string, state: string): boolean => path.startsWith(`${state}.`);

/** The codes and times that an event carries, in brackets. */
function details({ code, reason, retryAfter }: Step): string {
  const wait = retryAfter === undefined || retryAfter === 0 ? undefined : `again after ${retryAfter} ms`;
  const known = [reason, code, wait].filter((each) => each !== undefined);
  return known.length === 0 ? "" : ` (${known.join(", ")})`;
}

const SESSIONS: Record<SessionWord, string> = {
  changed: "The server says that the session has changed",
  required: "The server says that nobody is signed in in this session",
  ended: "The server says that the session has ended",
};

const byVerdict =
  (words: Record<VerdictWord, string>) =>
  (step: Step): string =>
    `${step.session === undefined ? words[step.verdict ?? "retry"] : SESSIONS[step.session]}${details(step)}`;

/** What happened, event by event. */
export const CAUSES: Record<ConnectionEventType, Phrase> = {
  "token.maybeChanged": "The token may have changed",
  "token.changed": ({ from, to, isOpaque }) => {
    if (within(from, "loggedOut")) return "Somebody signed in";
    if (from === "connecting.reading") return "The storage holds a token that is not the last one";
    if (isOtherUsers(from, to))
      return isOpaque ? "A token came whose user is not known here" : "A token of another user came";
    return from.endsWith(".refreshing") ? "A fresh token came" : "A newer token came";
  },
  "token.unchanged": "The storage holds the same token",
  "token.removed": ({ from }) => (HAS_TOKEN.test(from) ? "The user signed out" : "Nobody is signed in"),
  "token.unreadable": (step) => `The storage gave no answer${details(step)}`,
  "token.refreshFailed": (step) => `There was no fresh token${details(step)}`,
  "io.presented": "The new link is presenting the token",
  "io.connected": "The server accepted the token",
  "io.ready": ({ reauthenticate }) =>
    `The server half introduced itself${reauthenticate ? ", and takes newer tokens on the same link" : ""}`,
  "io.reauthenticated": "The server took the newer token on the same link",
  "io.reauthenticationFailed": (step) =>
    step.isOtherUser
      ? `The server says that the newer token is another user's${details(step)}`
      : byVerdict({
          retry: "The server could not take the newer token just now",
          refresh: "The server refused the newer token, and a fresh one may help",
          logout: "The server refused the newer token for good",
          replace: "The server does not take the newer token on the same link",
        })(step),
  "io.refused": byVerdict({
    retry: "The server refused the link, which says nothing about the token",
    refresh: "The server refused the token, and a fresh one may help",
    logout: "The server refused the token for good",
    replace: "The server refused the link",
  }),
  "io.failed": (step) => `The server could not be reached${details(step)}`,
  "io.disconnected": byVerdict({
    retry: "The link ended, which says nothing about the token",
    refresh: "The server ended the link as its token is no longer good, and a fresh one may help",
    logout: "The server ended the link and refuses its token for good",
    replace: "The link ended",
  }),
  "io.settled": ({ from }) =>
    within(from, "connected")
      ? "The link proved to be alive"
      : from === "rotating.draining"
        ? "All pending replies of the old link have come in"
        : "The server has read all that was written on the old link",
  "network.online": "The network is back",
  "network.offline": "The network seems to be gone",
  "page.resumed": "The page was resumed",
  connect: "The application asked to connect",
  disconnect: "The application asked to disconnect",
  refresh: "The application asked for a fresh token",
  "session.overdue": "The awaited session has had its time to arrive",
};

/** Where there is a token for sure. */
const HAS_TOKEN = /^(connected|rotating|connecting\.(opening|refreshing))/;

/** From a link that was up straight to a new one: only another user's token leads there. */
const isOtherUsers = (from: Leaf, to: Leaf): boolean =>
  to === "rotating.replacing.opening" && from !== to && from !== "rotating.choosing";

/** What is over, delay by delay. */
export const ENDS: Record<Delay, Phrase> = {
  reconnectionDelay: "The delay is over",
  timeout: "The server did not accept the link in time",
  stableAfter: "The link has been up for long enough to count as stable",
  drainTimeout: "The old link took too long to finish",
  reauthenticateTimeout: "The server did not answer about the newer token in time",
  refreshDelay: "The token expires soon",
};

/** What follows where the state changes, leaf by leaf. */
export const ARRIVALS: Record<Leaf, Phrase> = {
  "idle.stopped": "there is no link until it asks to connect",
  "idle.exhausted": "no attempt is left (`reconnectionAttempts`), so the connection rests",
  "connecting.reading": ({ retryAfter, session }) => {
    if (session === "changed") return "what is open is closed, and a new handshake is made at once";
    return retryAfter === 0
      ? "as the server asks for it, the next attempt begins at once, with a look at the storage"
      : "the storage is read before the next attempt";
  },
  "connecting.opening": "a link is opened with it",
  "connecting.waiting": (step) => {
    if (isTrouble(step) && step.from === "rotating.overlapping.waiting")
      return "the old link is gone as well, and the next attempt begins after a delay";
    if (step.session === "changed")
      return "it changes again and again, so a new handshake is made after a delay";
    if (step.session === "required") return "the new cookie may still be on its way, so it is tried again";
    return step.verdict === "refresh"
      ? "it is refreshed once, after a delay"
      : "it is tried again after a delay, and nobody is signed out";
  },
  "connecting.refreshing": ({ from, type, verdict }) => {
    if (from === "rotating.refreshing") return "the refresh goes on without a link";
    if (type === "token.unchanged")
      return "the server refused it, so it is refreshed once instead of being sent again";
    return verdict === "refresh"
      ? "a refresh is possible, so it is refreshed once"
      : "it is asked for before the next link";
  },
  "connected.steady": (step) => {
    if (step.type === "token.changed" && step.from !== "rotating.choosing") return PROVE_FIRST;
    if (step.from === "connected.refreshing") return "the link carries on with the current one";
    return isOldLink(step)
      ? "that was the old link, and the new one carries the traffic already"
      : "the link carries the traffic";
  },
  "connected.refreshing": "a refresh begins while the link carries on",
  "rotating.choosing": (step) =>
    isOldLink(step)
      ? "that was the old link, and the new one is the current link already"
      : "the strongest way that is open is chosen for the newest token",
  "rotating.reauthenticating.asking": "the server is asked to take the newest token on the same link",
  "rotating.reauthenticating.waiting": "the old link carries on, and the server is asked again after a delay",
  "rotating.overlapping.opening": "a new link is opened beside the old one",
  "rotating.overlapping.presenting": "what the old link brings is kept until the server has decided",
  "rotating.overlapping.waiting": "the old link carries on, and another new one is opened after a delay",
  "rotating.overlapping.settling":
    "the new link is the current one, and waits for the server to read what was written on the old one",
  "rotating.draining":
    "the new link carries the traffic, and the old one brings the pending acknowledgements",
  "rotating.refreshing": "a refresh is possible, so it is refreshed once while the old link stays",
  "rotating.replacing.settling":
    "the old link is closed as soon as the server has read what was written on it",
  "rotating.replacing.opening": (step) => {
    if (step.type === "token.changed" && step.isOpaque)
      return "what is open is closed at once, what was queued is sent only if the server names the same user, and a link is opened with it";
    if (step.type === "token.changed" || step.type === "io.reauthenticationFailed")
      return "what is open is closed at once, what was queued is dropped, and a link is opened as that user";
    if (!isTrouble(step)) return "the old link is closed, and a link is opened with the newest token";
    if (step.from === "rotating.overlapping.waiting")
      return "that was the old link, and a link is opened with the newest token";
    return isOpeningBeside(step)
      ? "that was the old link, and the new one takes its place"
      : "that concerns the old token, and a link is opened with the newest one";
  },
  "loggedOut.signedOut": "there is no link until somebody signs in",
  "loggedOut.rejected": ({ type, verdict }) => {
    if (type === "token.unchanged") return "the server refused it, so it is not sent again";
    return verdict === "refresh"
      ? "no refresh is possible, or it has not helped, so only another token can help"
      : "it is not sent again, and only another token can help";
  },
};

const PROVE_FIRST = "as the page or the network was away, the link has to prove first that it is alive";

const isTrouble = ({ type }: Step): boolean =>
  type === "io.refused" || type === "io.failed" || type === "io.disconnected";

/** The new link is the current one, and what ended is the old one. */
const isOldLink = (step: Step): boolean =>
  isTrouble(step) && (step.from === "rotating.overlapping.settling" || step.from === "rotating.draining");

const isOpeningBeside = ({ from }: Step): boolean =>
  from === "rotating.overlapping.opening" || from === "rotating.overlapping.presenting";

const READ = "it is read, and traffic is held until then";
const READ_MEANWHILE: Phrase = ({ to }) =>
  to === "idle.stopped" ? "stopped stays stopped" : "the token may have changed meanwhile, so it is read";

const PAST = "it is about an old link or token, so nothing changes";

/** What follows where the state stays. */
export const staying = (step: Step): Phrase => STAYS[step.type] ?? PAST;

const STAYS: Partial<Record<ConnectionEventType | Delay, Phrase>> = {
  "token.maybeChanged": READ,
  "token.changed": ({ to }) => STAYS_WITH_TOKEN[to] ?? "the newest token wins",
  "token.unchanged": "everything goes on as it was",
  "token.removed": ({ to }) =>
    to === "idle.stopped" ? "what was queued is dropped" : "there is still nobody to connect as",
  "token.unreadable": "it is asked again after a delay",
  "token.refreshFailed": ({ to }) =>
    to === "rotating.refreshing" ? "the old link stays, and the refresh is tried again after a delay" : PAST,
  "io.ready": "that is noted",
  "io.reauthenticationFailed": ({ isOtherUser }) =>
    isOtherUser ? "the link is closed, and another is opened as that user" : PAST,
  "io.settled": ({ to }) => (to.startsWith("connected.") ? "traffic goes on" : PAST),
  "network.online": READ_MEANWHILE,
  "network.offline": "that is a hint only, and a healthy link stays",
  "page.resumed": READ_MEANWHILE,
  connect: ({ to }) => {
    if (to.endsWith("waiting")) return "it waits for the delay alone, and not for what the server asked for";
    return to.startsWith("loggedOut.") ? "the storage is read again" : "that is under way already";
  },
  disconnect: "it is stopped already",
  refresh: "there is nothing to refresh here, or it is under way already",
  "session.overdue": "a session in which nobody is signed in is a sign-out again",
  reconnectionDelay: ({ to }) =>
    to === "rotating.refreshing"
      ? "the refresh is asked for again, unless it is under way"
      : "the storage is read again, if its last answer was none",
  stableAfter: "past failures no longer count",
  refreshDelay: "it is not time yet, or it cannot be refreshed",
};

const AFTER_THE_OLD = "its turn comes once the old link has finished";
const START_OVER = "what was being opened is closed, and a link is opened with it";

/** What becomes of a newer token where the state stays. */
const STAYS_WITH_TOKEN: Partial<Record<Leaf, string>> = {
  "idle.stopped": "it is kept until the application asks to connect",
  "connecting.opening": START_OVER,
  "connected.steady": PROVE_FIRST,
  "rotating.reauthenticating.asking": "the server is asked to take this one on the same link",
  "rotating.overlapping.opening": START_OVER,
  "rotating.overlapping.settling": AFTER_THE_OLD,
  "rotating.draining": AFTER_THE_OLD,
  "rotating.replacing.settling": AFTER_THE_OLD,
  "rotating.replacing.opening": START_OVER,
};
