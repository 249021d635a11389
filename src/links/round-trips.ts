import type { IoEvent, SessionWord, Verdict } from "../../machines/index.js";
import type { Clock } from "../clock.js";
import type { Expiry } from "../credential/expiry.js";
import type { Vault } from "../credential/vault.js";
import { ConnectionError } from "../errors.js";
import type { Failures } from "../redaction/failures.js";
import type { Gate } from "../sockets/gate.js";
import { sessionOf } from "./classify.js";
import type { Link, ReauthenticationAnswer } from "./io-adapter.js";
import { readAnswer } from "./read-report.js";

/** A link, as far as its server is asked something. */
export interface AskedLink {
  /** The epoch that its server accepted last. */
  epoch: number;
  link: Link;
  /** Ends the wait for the answer to the last re-authentication. */
  asking: AbortController | undefined;
  /** Ends the wait for a proof that the link is alive. */
  checking: AbortController | undefined;
  /** Ends the wait for the server to have read everything. */
  settling: AbortController;
  /** It ended by itself, and not because of its token. */
  isLost: boolean;
}

/**
 * What a verdict comes to for the token of an epoch: `refresh` becomes `logout` where no refresh can help, and a session
 * that may still be on its way is asked for again.
 */
export type Policy = <V extends Verdict | "replace">(
  epoch: number,
  verdict: V,
  session: SessionWord | undefined,
) => V | Verdict;

/** What the server of an open link is asked, and has to answer in time. */
export interface RoundTrips {
  /** Whether it takes the token of an epoch on this link. The newest question counts. */
  reauthenticate(link: number, asked: AskedLink, epoch: number): Promise<void>;
  /** Whether it is there: an answer in time proves that the link is alive, and none that it is not. */
  check(link: number, asked: AskedLink): Promise<void>;
  /** Resolves when it has read everything that was written, or after `drainTimeout`. */
  settle(asked: AskedLink): Promise<void>;
}

/** What the links and their round trips have in common. */
export interface RoundTripParts {
  gate: Pick<Gate, "token">;
  vault: Vault;
  expiry: Expiry;
  failures: Failures;
  clock: Clock;
  drainTimeout: number;
  reauthenticateTimeout: number;
  /** What a refusal of the token of an epoch comes to. */
  policy: Policy;
}

interface Parts extends RoundTripParts {
  /** What to present for a token; `null` when the application's function threw, which is reported. */
  credential(link: number, token: string): object | null;
  /** The headers of a token, where the application chose some; `null` likewise. */
  headers(link: number, token: string): Readonly<Record<string, string>> | null | undefined;
  report(event: IoEvent): void;
}

/** How long a link may take to prove that it is alive, in milliseconds. */
const CHECK_TIMEOUT = 2_000;

export function createRoundTrips(parts: Parts): RoundTrips {
  const { gate, vault, expiry, failures, clock, drainTimeout, policy, report } = parts;
  return {
    async reauthenticate(link, asked, epoch) {
      asked.asking?.abort();
      const asking = new AbortController();
      asked.asking = asking;
      // A change that is found here is reported, and the statechart starts over.
      const token = gate.token(epoch);
      if (token === undefined) return;
      const credential = parts.credential(link, token);
      const headers = credential === null ? null : parts.headers(link, token);
      // The application's functions may have ended everything, or signed somebody else in.
      if (
        credential === null ||
        headers === null ||
        asking.signal.aborted ||
        vault.token(epoch) === undefined
      )
        return;
      const { signal } = asking;
      const timer = clock.setTimeout(
        () =>
          report({
            type: "io.reauthenticationFailed",
            link,
            version: epoch,
            verdict: "replace",
            code: "ERR_CONNECT_TIMEOUT",
          }),
        parts.reauthenticateTimeout,
      );
      const stopTimer = (): void => clock.clearTimeout(timer);
      signal.addEventListener("abort", stopTimer);
      const answer = await answerOf(() => asked.link.reauthenticate(credential, signal, headers));
      stopTimer();
      if (asking.signal.aborted) return;
      const isInForce = vault.token(epoch) !== undefined;
      if (answer.ok) {
        const { expiresIn } = answer;
        asked.epoch = epoch;
        if (expiresIn !== undefined && isInForce) expiry.hear(expiresIn);
        report({ type: "io.reauthenticated", link, version: epoch });
        return;
      }
      const { verdict, error, isOtherUser, retryAfter } = answer;
      const code = failures.note(error);
      if (isOtherUser && isInForce) vault.owners.disown();
      const said = sessionOf(failures.recall(code));
      report({
        type: "io.reauthenticationFailed",
        link,
        version: epoch,
        verdict: policy(epoch, verdict, said.session),
        code,
        ...(isOtherUser && isInForce && { isOtherUser }),
        ...said,
        ...(retryAfter !== undefined && { retryAfter }),
      });
    },
    async check(link, asked) {
      asked.checking?.abort();
      const checking = new AbortController();
      asked.checking = checking;
      const { signal } = checking;
      const timer = clock.setTimeout(() => {
        checking.abort();
        const error = new ConnectionError(
          "ERR_DISCONNECTED",
          `The connection was dead after the page or the network had been away: the server did not answer within ${CHECK_TIMEOUT} ms. It is tried again.`,
        );
        asked.isLost = true;
        report({
          type: "io.ended",
          link,
          version: asked.epoch,
          verdict: "retry",
          code: failures.note(error),
          reason: "ping timeout",
          retryAfter: 0,
        });
      }, CHECK_TIMEOUT);
      signal.addEventListener("abort", () => clock.clearTimeout(timer));
      await asked.link.settle(signal).catch(() => {});
      if (signal.aborted) return;
      clock.clearTimeout(timer);
      report({ type: "io.settled", link });
    },
    settle({ link, settling }) {
      const { signal } = settling;
      if (signal.aborted) return Promise.resolve();
      const timer = clock.setTimeout(() => settling.abort(), drainTimeout);
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          // At once, as after dispose() no timer may be left.
          clock.clearTimeout(timer);
          resolve();
        });
      });
      return Promise.race([link.settle(signal).catch(() => {}), aborted]).finally(() =>
        clock.clearTimeout(timer),
      );
    },
  };
}

/** The server's answer; an adapter that throws, rejects or answers with nothing instead has no such way. */
async function answerOf(ask: () => Promise<ReauthenticationAnswer>): Promise<ReauthenticationAnswer> {
  try {
    return readAnswer(await ask());
  } catch {
    const error = new ConnectionError(
      "ERR_TRANSPORT",
      "The IO adapter threw instead of asking the server to take the newer token on the same link.",
    );
    return { ok: false, verdict: "replace", error };
  }
}
