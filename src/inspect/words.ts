import type { SessionWord } from "../../machines/index.js";
import type { ConnectionErrorCode } from "../errors.js";
import type { ConnectionEventType, Delay, Leaf, Reason, VerdictWord } from "./known.js";

/** What is known of a step: words and numbers of this library's own, taken out of the event and the states. */
export interface Step {
  /** The event's type, or the delay that ended. */
  type: ConnectionEventType | Delay;
  from: Leaf;
  to: Leaf;
  verdict?: VerdictWord | undefined;
  code?: ConnectionErrorCode | undefined;
  reason?: Reason | undefined;
  /** Whether the link that ended had been connected. */
  wasConnected: boolean;
  /** What the server says of the session behind the handshake. */
  session?: SessionWord | undefined;
  /** How long the server asked to be left alone, in milliseconds. */
  retryAfter?: number | undefined;
  /** Whether the server says that the token is another user's. */
  isOtherUser: boolean;
  /** Whether the server takes another token on the same link. */
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

/** What happened, event by event: one that is missing does not compile. */
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
  "token.refreshFailed": (step) => `No fresh token could be had${details(step)}`,
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
        ? "All that was due on the old link has come in"
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
