import { type Backoff, createBackoff } from "./backoff.js";
import type { Clock } from "./clock.js";
import { createExpiry, type Expiry } from "./credential/expiry.js";
import { createRefresher, type Refresher } from "./credential/refresher.js";
import { createTokenSource, type TokenSource } from "./credential/token-source.js";
import { createVault, type Vault } from "./credential/vault.js";
import { createLock } from "./environment/lock.js";
import { createFailures, type Failures } from "./failures.js";
import { createLifetime, type Lifetime } from "./lifetime.js";
import type { Policy } from "./links/links.js";
import { createLinks, type Links } from "./links/links.js";
import { socketIo } from "./links/socket-io.js";
import { createLog, type Log } from "./logger.js";
import type { ResolvedOptions } from "./options.js";
import { warnOfPlainHttp } from "./resolve-options.js";
import { Gate } from "./sockets/gate.js";
import { type Sockets, Traffic } from "./sockets/traffic.js";
import { createTurn, type Turn } from "./turn.js";

/** The parts of one connection. */
export interface Parts {
  options: ResolvedOptions;
  clock: Clock;
  turn: Turn;
  log: Log;
  lifetime: Lifetime;
  vault: Vault;
  expiry: Expiry;
  failures: Failures;
  source: TokenSource;
  refresher: Refresher | undefined;
  traffic: Traffic;
  links: Links;
  /** Before the next attempt to connect. */
  backoff: Backoff;
  /** Whether the token that was refused last could be refreshed, if there were a way. */
  readonly isRefreshMissing: boolean;
  /** The application's sockets. */
  of: Sockets;
  /** The name of the current link's transport. */
  transport(): string | undefined;
  /** The application may see something else than before. */
  changed(): void;
  /** Says who is told of that, not within a step of the statechart. */
  watch(listener: () => void): void;
}

/**
 * Makes the parts of a connection, and puts them together. That has no effect: bindings of UI frameworks make actors
 * that they never start.
 */
export function makeParts(
  options: ResolvedOptions,
  clock: Clock,
  policy: Policy,
  turn: Turn = createTurn(),
): Parts {
  const { storage, refresh } = options;
  const log = createLog(options.logger, turn);
  const expiry = createExpiry(clock, options.refreshLeeway, Math.random, log);
  const isCookie = storage.credential === "cookie";
  let onChange = (): void => {};
  const vault = createVault(options.identify, expiry, log, isCookie, {
    onCertain: () => traffic.dropOthers(),
    onCleared: () => traffic.dropAll(),
    onGone: (gone, isGivenUp) => traffic.dropOf(gone, isGivenUp),
  });
  const { owners } = vault;
  const failures = createFailures(options.timeout, vault);
  const source = createTokenSource({
    adapter: storage,
    vault,
    clock,
    readTimeout: options.readTimeout,
    lock: createLock(clock, options.refreshTimeout),
    failures,
    log,
    onDoubt: (after) => traffic.drop(after),
    hold: turn.hold,
  });
  const refreshBackoff = createBackoff(options.reconnectionDelay, options.reconnectionDelayMax);
  const refresher =
    refresh &&
    createRefresher({
      refresh,
      refreshTimeout: options.refreshTimeout,
      source,
      vault,
      expiry,
      delay: (attempt) => refreshBackoff.delay(attempt, null),
      clock,
      failures,
      turn,
    });
  const gate = new Gate({ source, vault, owners, link: (number) => links.owner(number) });
  const traffic: Traffic = new Traffic({
    primary: options.namespace,
    bufferLimit: options.bufferLimit,
    ackTimeout: options.ackTimeout,
    isConnecting: options.autoConnect,
    gate,
    owners,
    turn,
    clock,
    log,
    isCookie,
    heard: () => source.heard,
    link: (number) => links.get(number),
    failures,
  });
  let isRefreshMissing = false;
  const io =
    options.io ??
    socketIo({
      origin: options.origin,
      socketOptions: options.socketOptions,
      classify: options.classify,
      make: failures.make,
      log,
    });
  const links = createLinks({
    io,
    namespaces: (link) => traffic.namespaces(link),
    auth: options.auth,
    extraHeaders: options.extraHeaders,
    isCookie,
    onTransport: () => onChange(),
    log,
    turn,
    gate,
    vault,
    expiry,
    failures,
    clock,
    timeout: options.timeout,
    drainTimeout: options.drainTimeout,
    reauthenticateTimeout: options.reauthenticateTimeout,
    policy(version, verdict, session) {
      isRefreshMissing = verdict === "refresh" && !refresher && !isCookie;
      return policy(version, verdict, session);
    },
  });
  return {
    options,
    clock,
    turn,
    log,
    lifetime: createLifetime(turn, {
      onFirstStart: () => warnOfPlainHttp(options.origin, log),
      onSuspended() {
        traffic.suspend();
        onChange();
      },
      onEnd() {
        traffic.refuseAll();
        onChange();
      },
    }),
    vault,
    expiry,
    failures,
    source,
    refresher,
    traffic,
    links,
    backoff: createBackoff(options.reconnectionDelay, options.reconnectionDelayMax),
    of: traffic.of,
    get isRefreshMissing() {
      return isRefreshMissing;
    },
    transport: () => links.transport(traffic.link),
    changed: () => turn.obey(onChange),
    watch(listener) {
      onChange = listener;
    },
  };
}
