import type { ConnectionEventType, Delay, Leaf } from "./known.js";
import type { Phrase, Step } from "./words.js";

/** What follows where the state changes, leaf by leaf: a state that is missing does not compile. */
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
    if (step.from === "connected.refreshing") return "the link carries on with the one in force";
    return isOldLink(step)
      ? "that was the old link, and the new one carries the traffic already"
      : "the link carries the traffic";
  },
  "connected.checking": "nothing is written until the link proves to be alive",
  "connected.refreshing": "a refresh begins while the link carries on",
  "rotating.choosing": (step) =>
    isOldLink(step)
      ? "that was the old link, and the new one is in force already"
      : "the strongest way that is open is chosen to put the newest token in force",
  "rotating.reauthenticating.asking": "the server is asked to take the newest token on the same link",
  "rotating.reauthenticating.waiting": "the old link carries on, and the server is asked again after a delay",
  "rotating.overlapping.opening": "a new link is opened beside the old one",
  "rotating.overlapping.presenting": "what the old link brings is kept until the server has decided",
  "rotating.overlapping.waiting": "the old link carries on, and another new one is opened after a delay",
  "rotating.finishing.settling":
    "the new link is in force, and waits for the server to read what was written on the old one",
  "rotating.finishing.draining":
    "the new link carries the traffic, and the old one brings the acknowledgements that are due",
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

/** The new link is in force, and what ended is the old one. */
const isOldLink = (step: Step): boolean => isTrouble(step) && step.from.startsWith("rotating.finishing.");

const isOpeningBeside = ({ from }: Step): boolean =>
  from === "rotating.overlapping.opening" || from === "rotating.overlapping.presenting";

const READ_MEANWHILE: Phrase = ({ to }) =>
  to === "idle.stopped" ? "stopped stays stopped" : "the token may have changed meanwhile, so it is read";
const NO_LONGER_IN_FORCE = "that is about nothing that is in force, so nothing changes";

/** What follows where the state stays, event by event. */
export const STAYS: Record<ConnectionEventType | Delay, Phrase> = {
  "token.changed": ({ to }) => STAYS_WITH_TOKEN[to] ?? "the newest token wins",
  "token.certain": ({ to }) => (to === "connected.checking" ? PROVE_FIRST : "everything goes on as it was"),
  "token.refused": "everything goes on as it was",
  "token.rejected": "everything goes on as it was",
  "token.refreshing": NO_LONGER_IN_FORCE,
  "token.removed": ({ to }) =>
    to === "idle.stopped" ? "what was queued is dropped" : "there is still nobody to connect as",
  "token.unreadable": "it is asked again after a delay",
  "token.refreshFailed": ({ to }) => {
    if (to === "connected.checking")
      return "the link carries on with the one in force, where it proves to be alive";
    return to === "rotating.refreshing"
      ? "the old link stays, and the refresh is tried again after a delay"
      : NO_LONGER_IN_FORCE;
  },
  "io.presented": NO_LONGER_IN_FORCE,
  "io.connected": NO_LONGER_IN_FORCE,
  "io.ready": "that is noted",
  "io.reauthenticated": NO_LONGER_IN_FORCE,
  "io.reauthenticationFailed": ({ isOtherUser }) =>
    isOtherUser ? "the link is closed, and another is opened as that user" : NO_LONGER_IN_FORCE,
  "io.ended": NO_LONGER_IN_FORCE,
  "io.settled": ({ to }) => (to.startsWith("connected.") ? "traffic goes on" : NO_LONGER_IN_FORCE),
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
  drainTimeout: NO_LONGER_IN_FORCE,
};

const AFTER_THE_OLD = "it is put in force once the old link has finished";
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
