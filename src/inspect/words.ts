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
  isOtherUser: boolean;
  reauthenticate: boolean;
  /** Whether the link that ended was connected before. */
  wasConnected: boolean;
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

const REFUSED = byVerdict({
  retry: "The server refused the link, which says nothing about the token",
  refresh: "The server refused the token, and a fresh one may help",
  logout: "The server refused the token for good",
  replace: "The server refused the link",
});
const DISCONNECTED = byVerdict({
  retry: "The link ended, which says nothing about the token",
  refresh: "The server ended the link as its token is no longer good, and a fresh one may help",
  logout: "The server ended the link and refuses its token for good",
  replace: "The link ended",
});

/** What happened, event by event. */
export const CAUSES: Record<ConnectionEventType, Phrase> = {
  "token.changed": ({ from, to }) => {
    if (within(from, "loggedOut")) return "Somebody signed in";
    if (from === "connecting.reading") return "The storage holds a token that is not the last one";
    if (isOtherUsers(from, to)) return "A token of another user came, or of one whom we do not know yet";
    return from.endsWith(".refreshing") ? "A fresh token came" : "A newer token came";
  },
  "token.certain": "The storage holds the same token",
  "token.refused": "The storage holds the token that was refused",
  "token.rejected": "The storage holds the token that was refused for good",
  "token.removed": ({ from }) => (HAS_TOKEN.test(from) ? "The user signed out" : "Nobody is signed in"),
  "token.unreadable": (step) => `The storage gave no answer${details(step)}`,
  "token.refreshing": "The token expires soon",
  "token.refreshFailed": (step) => `There was no fresh token${details(step)}`,
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
  "io.ended": (step) => {
    if (step.code === "ERR_CONNECT_TIMEOUT") return "The server did not accept the link in time";
    if (step.code === "ERR_TRANSPORT" && !step.wasConnected)
      return `The server could not be reached${details(step)}`;
    return step.wasConnected ? DISCONNECTED(step) : REFUSED(step);
  },
  "io.settled": ({ from }) =>
    within(from, "connected")
      ? "The link proved to be alive"
      : from === "rotating.finishing.draining"
        ? "All pending replies of the old link have come in"
        : "The server has read all that was written on the old link",
  "environment.resumed": "The page or the network is back",
  "links.lost": "The actor was stopped and is started again",
  connect: "The application asked to connect",
  disconnect: "The application asked to disconnect",
  refresh: "The application asked for a fresh token",
};

/** Where there is a token for sure. */
const HAS_TOKEN = /^(connected|rotating|connecting\.(opening|refreshing))/;

/** From a link that was up straight to a new one: only another user's token leads there. */
const isOtherUsers = (from: Leaf, to: Leaf): boolean =>
  to === "rotating.replacing.opening" && from !== to && from !== "rotating.choosing";

/** What is over, delay by delay. */
export const ENDS: Record<Delay, Phrase> = {
  reconnectionDelay: "The delay is over",
  stableAfter: "The link has been up for long enough to count as stable",
  drainTimeout: "The old link took too long to finish",
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
  "connecting.failed": "an attempt has failed",
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
    if (type === "token.refused") return "it is refreshed once instead of being sent again";
    return verdict === "refresh"
      ? "a refresh is possible, so it is refreshed once"
      : "it is asked for before the next link";
  },
  "connected.steady": (step) => {
    if (step.from === "connected.refreshing") return "the link carries on with the current one";
    return isOldLink(step)
      ? "that was the old link, and the new one carries the traffic already"
      : "the link carries the traffic";
  },
  "connected.checking": "nothing is written until the link proves to be alive",
  "connected.refreshing": "a refresh begins while the link carries on",
  "rotating.choosing": (step) =>
    isOldLink(step)
      ? "that was the old link, and the new one is the current link already"
      : "the strongest way that is open is chosen for the newest token",
  "rotating.reauthenticating.asking": "the server is asked to take the newest token on the same link",
  "rotating.reauthenticating.waiting": "the old link carries on, and the server is asked again after a delay",
  "rotating.overlapping.opening": "a new link is opened beside the old one",
  "rotating.overlapping.waiting": "the old link carries on, and another new one is opened after a delay",
  "rotating.finishing.settling":
    "the new link is the current one, and waits for the server to read what was written on the old one",
  "rotating.finishing.draining":
    "the new link carries the traffic, and the old one brings the pending acknowledgements",
  "rotating.refreshing": "a refresh is possible, so it is refreshed once while the old link stays",
  "rotating.replacing.settling":
    "the old link is closed as soon as the server has read what was written on it",
  "rotating.replacing.opening": (step) => {
    if (step.type === "token.changed" || step.type === "io.reauthenticationFailed")
      return "what is open is closed at once, what was queued by another user is dropped, and a link is opened with it";
    if (!isTrouble(step)) return "the old link is closed, and a link is opened with the newest token";
    if (step.from === "rotating.overlapping.waiting")
      return "that was the old link, and a link is opened with the newest token";
    return isOpeningBeside(step)
      ? "that was the old link, and the new one takes its place"
      : "that concerns the old token, and a link is opened with the newest one";
  },
  "loggedOut.signedOut": "there is no link until somebody signs in",
  "loggedOut.rejected": ({ type, verdict }) => {
    if (type === "token.rejected") return "it is not sent again";
    return verdict === "refresh"
      ? "no refresh is possible, or it has not helped, so only another token can help"
      : "it is not sent again, and only another token can help";
  },
};

const PROVE_FIRST = "the link has to prove first that it is alive";

const isTrouble = ({ type }: Step): boolean => type === "io.ended";

/** The new link is the current one, and what ended is the old one. */
const isOldLink = (step: Step): boolean => isTrouble(step) && step.from.startsWith("rotating.finishing.");

const isOpeningBeside = ({ from }: Step): boolean => from === "rotating.overlapping.opening";

const READ_MEANWHILE: Phrase = ({ to }) =>
  to === "idle.stopped" ? "stopped stays stopped" : "the token may have changed meanwhile, so it is read";
const PAST = "it is about an old link or token, so nothing changes";

/** What follows where the state stays. */
export const staying = (step: Step): Phrase => STAYS[step.type] ?? PAST;

const STAYS: Partial<Record<ConnectionEventType | Delay, Phrase>> = {
  "token.changed": ({ to }) => STAYS_WITH_TOKEN[to] ?? "the newest token wins",
  "token.certain": ({ to }) => (to === "connected.checking" ? PROVE_FIRST : "everything goes on as it was"),
  "token.refused": "everything goes on as it was",
  "token.rejected": "everything goes on as it was",
  "token.removed": ({ to }) =>
    to === "idle.stopped" ? "what was queued is dropped" : "there is still nobody to connect as",
  "token.unreadable": "it is asked again after a delay",
  "token.refreshFailed": ({ to }) => {
    if (to === "connected.checking")
      return "the link carries on with the current one, if it proves to be alive";
    return to === "rotating.refreshing"
      ? "the old link stays, and the refresh is tried again after a delay"
      : PAST;
  },
  "io.ready": "that is noted",
  "io.reauthenticationFailed": ({ isOtherUser }) =>
    isOtherUser ? "the link is closed, and another is opened as that user" : PAST,
  "io.settled": ({ to }) => (to.startsWith("connected.") ? "traffic goes on" : PAST),
  "environment.resumed": READ_MEANWHILE,
  "links.lost": "there was no link",
  connect: ({ to }) => {
    if (to.endsWith("waiting")) return "it waits for the delay alone, and not for what the server asked for";
    return to.startsWith("loggedOut.") ? "the storage is read again" : "that is under way already";
  },
  disconnect: "it is stopped already",
  refresh: "there is nothing to refresh here, or it is under way already",
  reconnectionDelay: ({ to }) =>
    to === "rotating.refreshing"
      ? "the refresh is asked for again, unless it is under way"
      : "the storage is read again, if its last answer was none",
  stableAfter: "past failures no longer count",
};

const AFTER_THE_OLD = "its turn comes once the old link has finished";
const START_OVER = "what was being opened is closed, and a link is opened with it";

/** What becomes of a newer token where the state stays. */
const STAYS_WITH_TOKEN: Partial<Record<Leaf, string>> = {
  "idle.stopped": "it is kept until the application asks to connect",
  "connecting.opening": START_OVER,
  "connected.checking": PROVE_FIRST,
  "rotating.reauthenticating.asking": "the server is asked to take this one on the same link",
  "rotating.overlapping.opening": START_OVER,
  "rotating.finishing.settling": AFTER_THE_OLD,
  "rotating.finishing.draining": AFTER_THE_OLD,
  "rotating.replacing.settling": AFTER_THE_OLD,
  "rotating.replacing.opening": START_OVER,
};
