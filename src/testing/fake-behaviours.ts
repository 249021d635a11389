import type { Verdict } from "../../machines/index.js";
import { invalidOption } from "../errors.js";
import { describeNumber, describeType, isDuration, isFunction } from "../value.js";
import { checkShape, type Shape } from "./check.js";
import type { FakeAnswer, FakeLink, FakeServerHalf } from "./fake-link.js";

/** How the fake server answers a handshake, or another token on the same link. */
export type FakeBehaviour = (link: FakeLink) => void;

/** What makes a behaviour is none itself, and what is for a handshake is no answer to another token. */
type Use = "handshake" | "re-authentication";
const uses = new WeakMap<FakeBehaviour, Use>();

function behaviourFor(use: Use, behaviour: FakeBehaviour): FakeBehaviour {
  uses.set(behaviour, use);
  return behaviour;
}

/**
 * Answers a re-authentication.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no answer.
 */
export function answer(given: FakeAnswer): FakeBehaviour {
  checkShape("answer(given)", given, ANSWER);
  if (!given.ok) checkVerdict("answer(given)", given.verdict, ["retry", "refresh", "logout", "replace"]);
  return behaviourFor("re-authentication", (link) => link.answer(given));
}

/**
 * Accepts the handshake.
 *
 * @param serverHalf - What the server half says of itself; left out, there is none.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what a server half does not say.
 */
export function accept(serverHalf?: FakeServerHalf): FakeBehaviour {
  if (serverHalf !== undefined) checkShape("accept(serverHalf)", serverHalf, SERVER_HALF);
  return behaviourFor("handshake", (link) => link.accept(serverHalf));
}

/** Never answers. The test may answer by hand, through the link. */
export const hang = (): FakeBehaviour => () => {};

/** Cannot be reached. */
export const unreachable = (): FakeBehaviour => behaviourFor("handshake", (link) => link.fail());

/**
 * Refuses the handshake with a verdict and, where the server would give them, a time to stay away (milliseconds) and
 * its word, such as `"session_required"`.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for another verdict, or what is no time.
 */
export function refuse(verdict: Verdict, retryAfter?: number, word?: string): FakeBehaviour {
  checkVerdict("refuse(verdict)", verdict, ["retry", "refresh", "logout"]);
  if (retryAfter !== undefined && !isDuration(retryAfter)) {
    throw invalidOption(
      `refuse(verdict, retryAfter) takes milliseconds of at least 0, but got ${describeNumber(retryAfter)}.`,
    );
  }
  return behaviourFor("handshake", (link) => link.refuse(verdict, retryAfter, word));
}

/** Accepts the handshake and ends the connection right after. */
export const kick = (): FakeBehaviour =>
  behaviourFor("handshake", (link) => {
    link.accept();
    link.drop("io server disconnect");
  });

const MAKERS = new Map<unknown, string>(
  Object.entries({ accept, answer, hang, kick, refuse, unreachable }).map(([name, maker]) => [maker, name]),
);

/**
 * Refuses what cannot be a behaviour, so that no connection waits for an answer that never comes.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming what to write instead.
 */
export function checkBehaviours(caller: string, given: readonly unknown[], use: Use): void {
  if (given.length === 0)
    throw invalidOption(`${caller} takes at least one behaviour, such as ${EXAMPLES[use]}.`);
  for (const each of given) {
    const maker = MAKERS.get(each);
    if (maker)
      throw invalidOption(
        `${caller} got the function ${maker} where it takes what that answers with: ${maker}(...).`,
      );
    if (!isFunction(each)) {
      throw invalidOption(
        `${caller} takes behaviours, such as ${EXAMPLES[use]}, but got ${describeType(each)}.`,
      );
    }
    const known = uses.get(each);
    if (known === undefined || known === use) continue;
    throw invalidOption(
      `${caller} got a behaviour for a ${known}, which would never answer a ${use}. Give ${EXAMPLES[use]}, or a function of yours.`,
    );
  }
}

const EXAMPLES: Readonly<Record<Use, string>> = {
  handshake: 'accept(), refuse("refresh"), unreachable(), kick() or hang()',
  "re-authentication": 'answer({ ok: true }), answer({ ok: false, verdict: "refresh" }) or hang()',
};

function checkVerdict(caller: string, verdict: unknown, verdicts: readonly string[]): void {
  if (verdicts.some((each) => each === verdict)) return;
  const words = verdicts.map((each) => JSON.stringify(each)).join(", ");
  const got = typeof verdict === "string" ? JSON.stringify(verdict) : describeType(verdict);
  throw invalidOption(`${caller} takes one of the verdicts ${words}, but got ${got}.`);
}

const SERVER_HALF: Shape<FakeServerHalf> = {
  reauthenticate: { kind: "boolean", words: "true or false", isOptional: true },
  expiresIn: { kind: "number", words: "milliseconds", isOptional: true },
  identity: { kind: "string", words: "a word for the user", isOptional: true },
};

const ANSWER: Shape<{ [Name in AnswerField]: unknown }> = {
  ok: { kind: "boolean", words: "true or false" },
  expiresIn: { kind: "number", words: "milliseconds", isOptional: true },
  verdict: { kind: "string", words: "a verdict", isOptional: true },
  isOtherUser: { kind: "boolean", words: "true or false", isOptional: true },
  retryAfter: { kind: "number", words: "milliseconds", isOptional: true },
  word: { kind: "string", words: "the server's word", isOptional: true },
};

type AnswerField = keyof Extract<FakeAnswer, { ok: true }> | keyof Extract<FakeAnswer, { ok: false }>;
