import { ConnectionError, invalidOption } from "../../errors.js";
import { TokenError } from "../token-error.js";
import { keyOfSession, keyOfUser } from "./session-key.js";
import type { Newsroom } from "./session-news.js";

/** Ends the connections of sessions, as `shareSession` answers it for a {@link SessionSource}. */
export interface SessionEnds {
  /**
   * Ends the connections of a session now: each is told goodbye and why, and is closed, in every namespace and on every
   * node, also one whose handshake is under way. The session is left as it is, so that a client with the same cookie may
   * come back: to sign somebody out, end the session too. With express-session, destroying it does all this by itself.
   *
   * @param sessionId - As `request.sessionID` of express-session has it, or as `find` of the source has answered it.
   * @param error - What the clients are told. @defaultValue `session_ended`
   * @returns Whether every node that the adapter knows of has confirmed; `true` on a single node. This node has done
   * its part before the call returns. It never rejects because of other nodes.
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` by rejection.
   */
  end(sessionId: string, error?: TokenError): Promise<boolean>;
  /**
   * Ends the connections of a user in the same way, in all sessions of that user.
   *
   * @param user - As the option `identify`, or `find` of the source, answers it.
   * @param error - What the clients are told. @defaultValue `session_ended`
   * @returns As `end`.
   * @throws {@link ConnectionError} by rejection: `ERR_INVALID_OPTION`; `ERR_SERVER_SETUP` with express-session and
   * without the option `identify`.
   */
  endUser(user: string, error?: TokenError): Promise<boolean>;
}

/** @param hasUsers - Whether anything tells who the user of a session is. */
export function createEnds(newsroom: Newsroom, hasUsers: boolean): SessionEnds {
  return {
    async end(sessionId, error = new TokenError("session_ended")) {
      check(
        "end",
        "the id of a session, as request.sessionID, or find of the source, has it",
        sessionId,
        error,
      );
      return newsroom.tell({ key: keyOfSession(sessionId), refusal: error.data, isDestroyed: false });
    },
    async endUser(user, error = new TokenError("session_ended")) {
      check("endUser", "a user, as the option identify, or find of the source, answers it", user, error);
      if (!hasUsers) {
        throw new ConnectionError(
          "ERR_SERVER_SETUP",
          'endUser needs the option "identify" of shareSession, which tells who is signed in in a session.',
        );
      }
      return newsroom.tell({ userKey: keyOfUser(user), refusal: error.data });
    },
  };
}

function check(caller: string, what: string, name: string, error: TokenError): void {
  if (typeof name !== "string" || name === "") throw invalidOption(`${caller} takes ${what}.`);
  if (error instanceof TokenError) return;
  throw invalidOption(
    `The second argument of ${caller} is a TokenError, such as new TokenError("access_denied").`,
  );
}
