import type { Log } from "../../logger.js";
import type { ReauthenticateRequired } from "../../protocol.js";
import { isDuration, property } from "../../value.js";
import { TokenError } from "../token-error.js";
import type { Credential } from "./credential.js";
import { createByName, MOST, nameIn, namesOf, type Revoked } from "./link-index.js";

/**
 * Which tokens have to be replaced, for connections that are made or re-authenticated meanwhile and later. Those that are
 * open, and bring none in time, are ended by `link-token.ts`.
 */
export interface Requirements {
  /**
   * @param until - When it is forgotten, in epoch milliseconds.
   * @returns Whether it is news: what another node has said may come twice, or late.
   */
  add(name: Revoked, required: Required, until: number): boolean;
  /**
   * What is required of a link with this credential, if anything.
   *
   * @throws {@link TokenError} `invalid_token` where its time is over.
   */
  of(credential: Credential): Required | undefined;
}

interface Remembered {
  /** Tokens that were issued until then, in epoch milliseconds, have had their time. */
  readonly over: number;
  readonly waiting: Required | undefined;
}

/** With what a link is closed, and a token refused, in whose place there had to be a newer one. */
export function newerRequired(): TokenError {
  return new TokenError("invalid_token", "A newer token is required.");
}

export function createRequirements(log: Log): Requirements {
  const remembered = createByName<Remembered>(() =>
    log.warnOnce(
      "requirements:full",
      `requireReauthentication: more than ${MOST} users and tokens are remembered, so the oldest were forgotten. Set "rememberFor" of authenticateToken to the longest life of a token.`,
    ),
  );
  /** As it is by now. */
  const find = (name: Revoked): Remembered | undefined => {
    const found = remembered.get(name);
    const { waiting } = found ?? {};
    return waiting !== undefined && waiting.deadline <= Date.now()
      ? { over: waiting.at, waiting: undefined }
      : found;
  };

  return {
    add(name, required, until) {
      const { over, waiting } = find(name) ?? { over: Number.NEGATIVE_INFINITY, waiting: undefined };
      if (required.at <= Math.max(over, waiting?.at ?? over)) return false;
      const next =
        required.deadline <= Date.now()
          ? { over: required.at, waiting: undefined }
          : { over, waiting: both(waiting, required) };
      remembered.set(name, next, until);
      return true;
    },

    of(credential) {
      if (remembered.isEmpty) return undefined;
      const { issuedAt } = credential;
      let required: Required | undefined;
      for (const name of namesOf(credential)) {
        const found = find(name);
        if (found === undefined) continue;
        if (issuedAt === undefined && name.tokenId === undefined) {
          log.warnOnce(
            "requirements:issuedAt",
            'requireReauthentication: "verify" does not answer "issuedAt", so a client that connects anew may still have the token from before. Answer it: the claim "iat" times 1,000.',
          );
          continue;
        }
        if ((issuedAt ?? 0) <= found.over) throw newerRequired();
        const { waiting } = found;
        if (waiting !== undefined && !isIssuedAfter(waiting, credential)) required = both(required, waiting);
      }
      return required;
    },
  };
}

/** The most that `within` may be, a day in milliseconds. */
export const LONGEST_WAIT = 86_400_000;

/** Tokens in whose place newer ones are required. */
export interface Requirement extends Revoked {
  /** When it was asked for, in epoch milliseconds: newer is what was issued after that. */
  readonly at: number;
  /** How long a link may go on without a newer token, in milliseconds. */
  readonly within: number;
}

/** The same for one link, or for one name. */
export interface Required {
  /** As in {@link Requirement}. */
  readonly at: number;
  /** When a link without a newer token is closed, in epoch milliseconds. */
  readonly deadline: number;
}

/** Two of them as one: a token that is new enough for both, by the time that is over first. */
export function both(one: Required | undefined, other: Required): Required {
  if (one === undefined) return other;
  return { at: Math.max(one.at, other.at), deadline: Math.min(one.deadline, other.deadline) };
}

/** Whether a token was issued after it was required. Where nobody knows when it was issued, it was not. */
export function isIssuedAfter({ at }: Required, { issuedAt }: Credential): boolean {
  return issuedAt !== undefined && issuedAt > at;
}

/**
 * A requirement as another node has sent or stored it, which may have another version of this library and another
 * clock. One from the future counts from now, or no token would be new enough until then.
 */
export function requirementOf(message: unknown): Requirement | undefined {
  const at = property(message, "at");
  const within = property(message, "within");
  const name = nameIn(message);
  if (!isDuration(at) || !isDuration(within) || within > LONGEST_WAIT || name === undefined) return undefined;
  return { ...name, at: Math.min(at, Date.now()), within };
}

/** What the client of a link is asked. The token that it has may end before the time does that it was given. */
export function askFor({ expiresIn: within = 0 }: { expiresIn?: number } = {}): ReauthenticateRequired {
  return { within };
}
