/** An event of the machine: plain data, no token in it. */
export interface PlainEvent {
  type: string;
  [field: string]: unknown;
}

const words: Record<string, string> = {
  "xstate.init": "The page was loaded.",
  connect: "The application asks for a link.",
  disconnect: "The application wants no link any more.",
  refresh: "The application asks for a fresh token.",
  "token.maybeChanged": "Something may have changed in the storage: it is read again.",
  "token.unchanged": "The storage was read: the same token.",
  "token.removed": "The storage was read: no token, so nobody is signed in.",
  "token.unreadable": "The storage could not be read: no sign-out, but another try.",
  "token.refreshFailed": "No fresh token to be had just now.",
  "io.presented": "The token is on its way to the server.",
  "io.connected": "The server accepted the token.",
  "io.ready": "The server half introduced itself.",
  "io.reauthenticated": "The server put the newer token in force on the same link.",
  "io.failed": "The server could not be reached.",
  "io.settled": "The server has read all that was written, or what was due has come in.",
  "network.online": "The browser says the network is back.",
  "network.offline": "The browser says the network is gone: a hint only.",
  "page.resumed": "The page is looked at again.",
};

const verdicts: Record<string, string> = {
  retry: "to be tried again",
  refresh: "a fresh token may help",
  logout: "this token is of no use any more",
  replace: "not on this link",
};

const delays: Record<string, string> = {
  reconnectionDelay: "The wait is over.",
  stableAfter: "The link has proved stable: past failures are forgiven.",
  timeout: "The server took too long to answer.",
  refreshDelay: "The token runs out soon.",
  reauthenticateTimeout: "The server did not say what became of the newer token.",
  drainTimeout: "The old link took too long to settle: it is closed.",
};

/** The event as one reads it in code: `token.changed`, or `after reconnectionDelay`. */
export function eventName(event: PlainEvent): string {
  const delay = delayOf(event);
  return delay === undefined ? event.type : `after ${delay}`;
}

/** What the event carries: numbers and codes. */
export function eventFields(event: PlainEvent): string {
  return Object.entries(event)
    .filter(([key, value]) => key !== "type" && isPrimitive(value) && delayOf(event) === undefined)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}

/**
 * What the event means, in words.
 *
 * @param identity - the identity in force before it, by which a refreshed token is told from a new user;
 * `undefined` where nobody was signed in
 */
export function eventWords(event: PlainEvent, identity: number | undefined): string {
  if (event.type === "token.changed") {
    if (identity === undefined) return "A token: somebody is signed in.";
    return event["identity"] === identity ? "A newer token of the same user." : "A token of another user.";
  }
  if (event.type === "io.refused") return `The server refused the token: ${verdictIn(event)}.`;
  if (event.type === "io.reauthenticationFailed")
    return `The server did not take the newer token: ${verdictIn(event)}.`;
  if (event.type === "io.disconnected")
    return `The link ended (${String(event["reason"])}): ${verdictIn(event)}.`;
  const delay = delayOf(event);
  return (delay === undefined ? words[event.type] : delays[delay]) ?? "";
}

const verdictIn = (event: PlainEvent) => verdicts[String(event["verdict"])] ?? String(event["verdict"]);

const delayOf = (event: PlainEvent) => /^xstate\.after\.(\w+)\./.exec(event.type)?.[1];

const isPrimitive = (value: unknown) => ["string", "number", "boolean"].includes(typeof value);
