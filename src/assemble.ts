import { fromCallback } from "xstate";
import type {
  CommandEvent,
  connectionMachine,
  EnvironmentEvent,
  IoEvent,
  LinksCommand,
  RefresherCommand,
  StorageCommand,
  TokenEvent,
  TrafficCommand,
} from "../machines/index.js";
import { type Backoff, createBackoff } from "./backoff.js";
import type { Clock } from "./clock.js";
import { createExpiry, type Expiry } from "./credential/expiry.js";
import { createRefresher, type Refresher } from "./credential/refresher.js";
import { createTokenSource, type TokenSource } from "./credential/token-source.js";
import { createVault, type Vault } from "./credential/vault.js";
import type { EnvironmentSignal } from "./environment/environment.js";
import { followEnvironment } from "./environment/environment.js";
import { createLock } from "./environment/lock.js";
import { type ConnectionError, callSafely, invalidOption } from "./errors.js";
import { createFailures, type Failures } from "./failures.js";
import { createLinks } from "./links/links.js";
import { warnOfLongStay } from "./links/read-report.js";
import { socketIo } from "./links/socket-io.js";
import { createLog, type Log } from "./logger.js";
import type { ConnectionOptions, ResolvedOptions } from "./options.js";
import { resolveOptions, warnOfPlainHttp } from "./resolve-options.js";
import { createGate } from "./sockets/gate.js";
import { createSockets, type Sockets } from "./sockets/sockets.js";
import { createTraffic } from "./sockets/traffic.js";
import { createTurn, type Turn } from "./turn.js";

/** What `connectionMachine.provide()` takes. */
export type Provided = Parameters<typeof connectionMachine.provide>[0];

/** The parts of one connection, put together and not yet started. */
export interface Parts {
  provided: Provided;
  options: ResolvedOptions;
  source: TokenSource;
  vault: Vault;
  expiry: Expiry;
  refresher: Refresher | undefined;
  failures: Failures;
  backoff: Backoff;
  log: Log;
  clock: Clock;
  turn: Turn;
  of: Sockets;
  /** The name of the current link's transport. */
  readonly transport: string | undefined;
  /** Whether the interpreter has ended, or was told to. */
  readonly isOver: boolean;
  /** Ends whatever is still running, for an interpreter that ended without cleaning up. */
  stop(): void;
}

/** How long the wall clock is trusted at most, in milliseconds: it may jump, and a machine may sleep. */
const LOOK = 60_000;
const lookIn = (left: number): number => (left === Number.POSITIVE_INFINITY ? left : Math.min(LOOK, left));

/** Puts the parts together: the one place where they meet. */
export function assemble(given: ConnectionOptions, onTransport: () => void = () => {}): Parts {
  const options = resolveOptions(given);
  const { clock, storage, refresh } = options;
  const turn = createTurn();
  const log = createLog(options.logger, turn);
  const expiry = createExpiry(clock, options.refreshLeeway, Math.random, log);
  const isCookie = storage.credential === "cookie";
  const vault = createVault(options.identify, expiry, log, isCookie, {
    onCertain: () => traffic.dropOthers(),
    onCleared: () => traffic.dropAll(),
    onGone: (gone, isGivenUp) => traffic.dropOf(gone, isGivenUp),
  });
  const { owners } = vault;
  const failures = createFailures(options.timeout, vault);
  const lock = createLock(clock, options.refreshTimeout);
  const source = createTokenSource({
    adapter: storage,
    vault,
    clock,
    readTimeout: options.readTimeout,
    lock,
    failures,
    log,
    onDoubt: (after) => traffic.drop(after),
    hold: turn.hold,
  });
  const refresher =
    refresh &&
    createRefresher({
      refresh,
      refreshTimeout: options.refreshTimeout,
      source,
      vault,
      clock,
      failures,
      turn,
    });
  const gate = createGate({ source, vault, owners, link: (number) => links.owner(number) });
  const traffic = createTraffic({
    primary: options.namespace,
    bufferLimit: options.bufferLimit,
    gate,
    owners,
    turn,
    isCookie,
    heard: () => source.heard,
    link: (number) => links.get(number),
    failures,
  });
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
    onTransport,
    log,
    turn,
    gate,
    vault,
    expiry,
    failures,
    clock,
    drainTimeout: options.drainTimeout,
  });
  const backoff = createBackoff(options.reconnectionDelay, options.reconnectionDelayMax);
  const refreshBackoff = createBackoff(options.reconnectionDelay, options.reconnectionDelayMax);
  warnOfPlainHttp(options.origin, log);

  const running = new Set<() => void>();
  const begun = new Set<string>();
  let isStopped = false;
  /**
   * Starts a part, for one interpreter only, and answers with its clean-up, which is run once: by the interpreter, or
   * by `stop` when the interpreter has failed.
   */
  const started = (name: string, start: () => () => void): (() => void) => {
    if (begun.has(name) || isStopped) throw usedTwice();
    begun.add(name);
    const stop = start();
    const end = (): void => {
      if (running.delete(end)) callSafely(stop);
    };
    running.add(end);
    return end;
  };

  const provided: Provided = {
    actors: {
      storage: fromCallback<StorageCommand>(({ sendBack, receive }) => {
        const stop = started("storage", () =>
          source.start((event: TokenEvent) => {
            turn.step(() => sendBack(event));
            traffic.flush();
          }),
        );
        receive((command) => {
          turn.obey(() =>
            turn.call(() => {
              if (!running.has(stop)) return;
              if (command.type === "read") source.read(command.isRenewal);
              else source[command.type]();
            }),
          );
        });
        return stop;
      }),
      links: fromCallback<LinksCommand>(({ sendBack, receive }) => {
        const stop = started("links", () =>
          links.start((event: IoEvent) => {
            warnOfLongStay(event, log);
            turn.step(() => sendBack(event));
          }),
        );
        receive((command) => running.has(stop) && turn.obey(() => links.obey(command)));
        return stop;
      }),
      traffic: fromCallback<TrafficCommand>(({ sendBack, receive }) => {
        const stop = started("traffic", () =>
          traffic.start((event: CommandEvent | IoEvent) => turn.step(() => sendBack(event))),
        );
        receive((command) => running.has(stop) && turn.obey(() => traffic.obey(command)));
        return stop;
      }),
      environment: fromCallback(({ sendBack }) => {
        const report = (event: EnvironmentEvent): void => turn.step(() => sendBack(event));
        const onSignal = (type: EnvironmentSignal): void => report({ type });
        return started("environment", () => followEnvironment(options.environment, onSignal, vault, log));
      }),
      refresher: fromCallback<RefresherCommand>(({ sendBack, receive }) => {
        if (!refresher) return undefined;
        const stop = started("refresher", () =>
          refresher.start((event: TokenEvent) => turn.step(() => sendBack(event))),
        );
        receive((command) => running.has(stop) && turn.obey(() => refresher.obey(command)));
        return stop;
      }),
    },
    guards: {
      hasRefresh: () => refresher !== undefined,
      hasSessionCookie: () => isCookie,
      hasAttemptsLeft: ({ context }) => context.attempt < options.reconnectionAttempts,
      isRefreshDue: () => expiry.untilRefresh() === 0,
      isInPlaceAllowed: () => options.rotation !== "replace",
      isOverlapAllowed: () => options.rotation === "overlap",
    },
    delays: {
      reconnectionDelay: ({ context }) => backoff.delay(context.attempt, context.retryAfter),
      timeout: options.timeout,
      stableAfter: options.stableAfter,
      drainTimeout: options.drainTimeout,
      reauthenticateTimeout: options.reauthenticateTimeout,
      refreshDelay: ({ context }) =>
        Math.max(
          lookIn(expiry.untilRefresh()),
          context.refreshAttempt === 0 ? 0 : refreshBackoff.delay(context.refreshAttempt, null),
        ),
    },
  };
  return {
    provided,
    options,
    source,
    vault,
    expiry,
    refresher,
    failures,
    backoff,
    log,
    // The statechart's own timers begin a step as well.
    clock: {
      setTimeout: (callback, delay) => clock.setTimeout(() => turn.step(callback), delay),
      clearTimeout: (timer) => clock.clearTimeout(timer),
      now: () => clock.now(),
    },
    turn,
    of: createSockets((namespace) => traffic.channel(namespace), options.ackTimeout, clock, log),
    get transport() {
      return links.transport(traffic.link);
    },
    get isOver() {
      return isStopped || (begun.size > 0 && running.size === 0);
    },
    stop() {
      isStopped = true;
      // Where it was never started, nothing else refuses what is emitted from now on.
      if (!begun.has("traffic")) traffic.start(() => {})();
      for (const end of [...running]) end();
    },
  };
}

function usedTwice(): ConnectionError {
  return invalidOption(
    "What implementations() made was given to a second actor, or to one that was started again. It serves one actor, once: call implementations() again for the next.",
  );
}
