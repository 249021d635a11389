/** What a connection is made with, and what its server is like. */
export interface Setting {
  /** A cookie is that of a session, with `sessionCookie()`: `storage`, `rotation`, `half` and `hasRefresh` say nothing. */
  credential: "jwt" | "opaque" | "cookie";
  storage: "sync" | "async";
  rotation: "auto" | "overlap" | "replace";
  /** Whether there is a server half, and whether it takes another token on the same link. */
  half: "none" | "names users" | "reauthenticates";
  hasRefresh: boolean;
  reconnectionAttempts: number;
  /** How many namespaces the application uses, on the same link. */
  namespaces: 1 | 2;
  /** It is disposed of right after the last step; else everything works again first, and it must connect. */
  isCutShort: boolean;
}

/** How a server answers: the next handshakes, the next re-authentications. */
export type Behaviour =
  | "accept"
  | "hang"
  | "unreachable"
  | "kick"
  | "refuse: retry"
  | "refuse: refresh"
  | "refuse: logout"
  /** As a server does that asks for another handshake, for whatever reason. */
  | "refuse: session changed";

/**
 * Something that happens to a connection. `user` is one of three; each token, or session, is a new one. Where the
 * credential is a cookie, who signs in or out does so at the server first, in this tab or `elsewhere`, and then tells.
 */
export type Happening =
  | { do: "login"; user: number }
  | { do: "login again" }
  | { do: "logout" }
  /** Another tab writes; who is not told of it at once hears of it by a later `signal`. */
  | { do: "store elsewhere"; user: number; isTold: boolean }
  | { do: "remove elsewhere"; isTold: boolean }
  | { do: "signal" }
  | { do: "storage"; is: "up" | "down" | "hung" }
  /** From now on writes of an application that has tokens are through at once, or when a step ends them. */
  | { do: "writes"; are: "quick" | "slow"; echo: "none" | "before" | "after" | "often" }
  | { do: "write ends"; how: "stored" | "failed" }
  | { do: "refresh brings"; what: "a token" | "null" | "an error" }
  | { do: "connect" }
  | { do: "disconnect" }
  | { do: "refresh" }
  | { do: "emit" }
  | { do: "emitWithAck" }
  | { do: "server sends" }
  /** A fake server wants a reply, which the application keeps to itself until it `replies`. */
  | { do: "server asks" }
  | { do: "replies" }
  | { do: "server"; will: Behaviour }
  /** From the next handshake on the server takes a token that says nothing for another user's. */
  | { do: "token changes hands"; user: number }
  /** `mismatch`: it is another user's, whatever it says of itself; and so is every later one that says the same. */
  | {
      do: "server answers reauthentication";
      by: "yes" | "hanging" | "replace" | "refresh" | "logout" | "mismatch";
    }
  | { do: "server answers now" }
  | { do: "server drops"; verdict: "retry" | "refresh" | "logout"; retryAfter?: number }
  /** It asks for another handshake, and nobody knows of a reason. */
  | { do: "server drops as changed" }
  /** How the server says whose the links are that it accepts: with them, later, or not at all. */
  | { do: "names"; are: "told" | "late" | "missing" }
  /** It names another user on the very links whose user it has named, or takes the name back. */
  | { do: "server renames"; user: number | "nobody" }
  | { do: "old link reports"; what: "connected" | "ready" | "refused" | "failed" | "disconnected" }
  | { do: "barrier"; isHeld: boolean }
  | { do: "network"; signal: "network.online" | "network.offline" | "page.resumed" }
  | { do: "time passes"; milliseconds: number }
  | SessionHappening;

/** What becomes of a session in the server without anybody's telling the application. */
type SessionHappening =
  | { do: "session changes"; user: number; isCookieLate: boolean }
  | { do: "session ends" }
  | { do: "cookie arrives" }
  /** While they are held, the server does not end the links of a session that has changed or ended. */
  | { do: "goodbyes"; isHeld: boolean };

/** A happening, and how many turns the promises have before the next one. */
export type Step = Happening & { turns: number };

/** A story of a connection. */
export interface Schedule {
  setting: Setting;
  steps: Step[];
}

/** A schedule as it is written in a test. */
export function print({ setting: given, steps }: Schedule): string {
  const line = (value: object): string => {
    const members = Object.entries(value).map(
      ([name, each]) => `${name}: ${typeof each === "string" ? JSON.stringify(each) : String(each)}`,
    );
    return `{ ${members.join(", ")} }`;
  };
  return `await replay(${line(given)}, [\n${steps.map((each) => `  ${line(each)},`).join("\n")}\n]);`;
}
