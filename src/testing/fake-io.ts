import type { Verdict } from "../../machines/index.js";
import type { IoAdapter } from "../io/io-adapter.js";
import {
  type FakeAnswer,
  type FakeLink,
  type FakeLogEntry,
  type FakeServerHalf,
  openFakeLink,
} from "./fake-link.js";

/** How the fake server answers a handshake. */
export type FakeBehaviour = (link: FakeLink) => void;

/** Answers a re-authentication. */
export const answer =
  (given: FakeAnswer): FakeBehaviour =>
  (link) =>
    link.answer(given);

/** Accepts the handshake. */
export const accept =
  (serverHalf?: FakeServerHalf): FakeBehaviour =>
  (link) =>
    link.accept(serverHalf);

/** Never answers. The test may answer by hand, through the link. */
export const hang = (): FakeBehaviour => () => {};

/** Cannot be reached. */
export const unreachable = (): FakeBehaviour => (link) => link.fail();

/**
 * Refuses the handshake with a verdict and, where the server would give them, a time to stay away (milliseconds) and
 * its word, such as `"session_required"`.
 */
export const refuse =
  (verdict: Verdict, retryAfter?: number, word?: string): FakeBehaviour =>
  (link) =>
    link.refuse(verdict, retryAfter, word);

/** Accepts the handshake and ends the connection right after. */
export const kick = (): FakeBehaviour => (link) => {
  link.accept();
  link.drop("io server disconnect");
};

/** A server without a network, for tests: it logs what it sees and answers as it is told. */
export interface FakeIo extends IoAdapter {
  /** What the server has seen, in order. */
  readonly log: readonly FakeLogEntry[];
  /** The links that are open or opening. */
  readonly links: readonly FakeLink[];
  /** The newest link, open or not. */
  readonly last: FakeLink | undefined;
  /** While true, a link settles only when the test says so. */
  isBarrierHeld: boolean;
  /** While true, a link presents its credential only when the test says so, or answers it. */
  isHandshakeHeld: boolean;
  /** Events that are acknowledged only when the test says so. */
  readonly unanswered: Set<string>;
  /** How the next handshakes are answered, one each; the last behaviour stays. */
  behave(...behaviours: readonly FakeBehaviour[]): void;
  /** How the next re-authentications are answered, one each; the last behaviour stays. */
  behaveOnReauthentication(...behaviours: readonly FakeBehaviour[]): void;
}

/**
 * An IO adapter without a network.
 *
 * @param behaviours - How handshakes are answered, one each; the last one stays. Answers come in a microtask.
 * @defaultValue `accept()`
 * @example
 * ```ts
 * import { createConnection } from "socket-rotor";
 * import { accept, fakeIo, memoryStorage, refuse } from "socket-rotor/testing";
 *
 * const io = fakeIo(refuse("refresh"), accept());
 * const connection = createConnection({
 *   url: "https://api.example.com",
 *   storage: memoryStorage("expired"),
 *   refresh: async () => "fresh",
 *   io,
 * });
 * await connection.whenConnected();
 * const tokens = io.log.flatMap((entry) => (entry.type === "handshake" ? [entry.auth] : []));
 * // [{ token: "expired" }, { token: "fresh" }]
 * connection.dispose();
 * ```
 */
export function fakeIo(...behaviours: readonly FakeBehaviour[]): FakeIo {
  let queue = behaviours.length > 0 ? [...behaviours] : [accept()];
  let answers: FakeBehaviour[] = [answer({ ok: true })];
  const next = (from: FakeBehaviour[]): FakeBehaviour | undefined =>
    from.length > 1 ? from.shift() : from[0];
  const log: FakeLogEntry[] = [];
  const links: FakeLink[] = [];
  const io: FakeIo = {
    log,
    get links() {
      return links.filter((link) => link.isOpen);
    },
    get last() {
      return links.at(-1);
    },
    isBarrierHeld: false,
    isHandshakeHeld: false,
    unanswered: new Set(),
    behave(...given) {
      queue = [...given];
    },
    behaveOnReauthentication(...given) {
      answers = [...given];
    },
    open(request, report) {
      const { link, server } = openFakeLink(io, log, request, report, () => next(answers));
      links.push(server);
      const behaviour = next(queue);
      queueMicrotask(() => {
        if (!io.isHandshakeHeld && server.present()) behaviour?.(server);
      });
      return link;
    },
  };
  return io;
}
