import type { Log } from "../logger.js";
import { property } from "../value.js";
import type { Credential, VerifiedToken } from "./credential.js";
import type { LinkEnd } from "./link-end.js";
import { refusalOf } from "./refusal.js";
import { TokenError } from "./token-error.js";

/** Verifies a token; rejects with a {@link TokenError} and nothing else. */
export type Verifier = (token: string, ended: LinkEnd) => Promise<Credential>;

/** Before this (March 1973) a time in milliseconds is taken for one in seconds. */
const EARLIEST_TIME = 100_000_000_000;

/** The application's `verify` with a limit of time, and every answer of it made safe. */
export function createVerifier(
  verify: (token: string) => Promise<VerifiedToken>,
  verifyTimeout: number,
  log: Log,
): Verifier {
  return async (token, ended) => {
    let answer: unknown;
    try {
      answer = await withinTime(async () => verify(token), verifyTimeout, ended);
    } catch (error) {
      throw refusalOf(error, token, log);
    }
    const credential = credentialOf(answer);
    if (typeof credential !== "string") return credential;
    log.warnOnce(
      `verify:${credential}`,
      `authenticateToken: the answer of "verify" is of no use: ${credential}`,
    );
    throw new TokenError("temporarily_unavailable");
  };
}

/** Settles as `work` does, unless the time is up or nobody waits any more. Leaves no timer. */
function withinTime<T>(work: () => Promise<T>, milliseconds: number, ended: LinkEnd): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      finish();
    };
    const onAbort = (): void =>
      settle(() => reject(new TokenError("temporarily_unavailable", "The connection has ended.")));
    const onTime = (): void =>
      settle(() => reject(new TokenError("temporarily_unavailable", "Verifying the token took too long.")));
    const timer = setTimeout(onTime, milliseconds);
    const unsubscribe = ended.subscribe(onAbort);
    if (ended.aborted) {
      onAbort();
      return;
    }
    work().then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

/** A credential, or what is wrong with the answer. */
function credentialOf(answer: unknown): Credential | string {
  const subject = property(answer, "subject");
  const tokenId = property(answer, "tokenId");
  const data = property(answer, "data") ?? {};
  if (typeof subject !== "string" || subject === "") {
    return '"subject" must be a string that is not empty, such as the claim "sub". Nobody is let in.';
  }
  if (tokenId !== undefined && typeof tokenId !== "string") {
    return '"tokenId" must be a string, such as the claim "jti", or be left out. Nobody is let in.';
  }
  const expiresAt = timeOf(answer, "expiresAt", "exp");
  const issuedAt = timeOf(answer, "issuedAt", "iat");
  if (typeof expiresAt === "string") return expiresAt;
  if (typeof issuedAt === "string") return issuedAt;
  if (typeof data !== "object") return '"data" must be an object, or be left out. Nobody is let in.';
  return {
    subject,
    data: Object.fromEntries(Object.entries(data)),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(issuedAt !== undefined && { issuedAt }),
    ...(tokenId !== undefined && { tokenId }),
  };
}

/** A time in epoch milliseconds, or none, or what is wrong with it. */
function timeOf(answer: unknown, name: string, claim: string): number | undefined | string {
  const time = property(answer, name) ?? Number.POSITIVE_INFINITY;
  if (time === Number.POSITIVE_INFINITY) return undefined;
  if (typeof time !== "number" || Number.isNaN(time)) {
    return `"${name}" must be a number, in epoch milliseconds, or be left out. Nobody is let in.`;
  }
  if (time < EARLIEST_TIME) {
    return `"${name}" looks like seconds; it is epoch milliseconds: the claim "${claim}" times 1,000. Nobody is let in.`;
  }
  return time;
}
