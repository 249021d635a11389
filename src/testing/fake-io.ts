import type { IoAdapter } from "../links/io-adapter.js";
import { accept, answer, checkBehaviours, type FakeBehaviour } from "./fake-behaviours.js";
import { type FakeAcknowledgement, type FakeLink, type FakeLogEntry, openFakeLink } from "./fake-link.js";

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
  /** Events that are acknowledged only when the test says so, by `acknowledge()` of their link. */
  readonly unanswered: Set<string>;
  /**
   * What an event is acknowledged with, by a function of the arguments: `io.answers.set("save", () => ({ id: 1 }))`.
   * Others are acknowledged with their own arguments.
   */
  readonly answers: Map<string, FakeAcknowledgement>;
  /**
   * The namespaces that the server refuses, but for the primary one, each with its word: `io.refusals.set("/admin",
   * "access_denied")`. A word that is about the token, such as `"invalid_token"`, refuses the link, as a server's does;
   * with `undefined` the namespace is tried again with the next link.
   */
  readonly refusals: Map<string, string | undefined>;
  /**
   * How the next handshakes are answered, one each; the last behaviour stays.
   *
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for none, or for what answers no handshake.
   */
  behave(...behaviours: readonly FakeBehaviour[]): void;
  /**
   * How the next re-authentications are answered, one each; the last behaviour stays.
   *
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for none, or for what answers no re-authentication.
   */
  behaveOnReauthentication(...behaviours: readonly FakeBehaviour[]): void;
}

/**
 * An IO adapter without a network.
 *
 * @param behaviours - How handshakes are answered, one each; the last one stays. Answers come in a microtask.
 * @defaultValue `accept()`
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what answers no handshake.
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
  if (behaviours.length > 0) checkBehaviours("fakeIo(...behaviours)", behaviours, "handshake");
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
    answers: new Map(),
    refusals: new Map(),
    behave(...given) {
      checkBehaviours("io.behave(...behaviours)", given, "handshake");
      queue = [...given];
    },
    behaveOnReauthentication(...given) {
      checkBehaviours("io.behaveOnReauthentication(...behaviours)", given, "re-authentication");
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
