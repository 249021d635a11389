import { type AnyActorRef, type CallbackActorLogic, type EventObject, fromCallback } from "xstate";
import {
  type ConnectionEvent,
  type connectionMachine,
  credentialMachine,
  type LinksCommand,
  type RefresherCommand,
  type RefresherEvent,
  type StorageCommand,
  type StorageEvent,
  type TrafficCommand,
} from "../machines/index.js";
import { createBackoff } from "./backoff.js";
import { isClock, LONGEST_DELAY } from "./clock.js";
import type { ConnectionActor } from "./connection-logic.js";
import { createExpiry } from "./credential/expiry.js";
import { createRefresher } from "./credential/refresher.js";
import { createTokenSource } from "./credential/token-source.js";
import { createTokenStore } from "./credential/token-store.js";
import { applyPolicy } from "./credential/verdict-policy.js";
import { followEnvironment } from "./environment/environment.js";
import { createLock } from "./environment/tab-lock.js";
import { invalidOption } from "./errors.js";
import { Lifetime } from "./lifetime.js";
import { createLinks } from "./links/links.js";
import { socketIo } from "./links/socket-io.js";
import { createLog } from "./logger.js";
import type { ResolvedOptions } from "./options.js";
import { createFailures } from "./redaction/failures.js";
import { Gate } from "./sockets/gate.js";
import { Traffic } from "./sockets/traffic.js";
import { Turn } from "./turn.js";
import { property } from "./value.js";
import { noteVerdict } from "./words/messages.js";

/** The parts of one connection. */
export type Parts = ReturnType<typeof createParts>;

const partsByActor = new WeakMap<AnyActorRef, Parts>();

/** The parts of an actor of the logic, or of one that it is a child of. */
export function partsOf(actor: AnyActorRef | undefined): Parts | undefined {
  return actor && (partsByActor.get(actor) ?? partsOf(actor._parent));
}

/**
 * Makes the parts of an actor. That has no effect: bindings of UI frameworks make actors that they never start.
 *
 * @param turn - The one that the actor's clock and inspection go by, where they are ours too.
 */
export function makeParts(actor: ConnectionActor, options: ResolvedOptions, turn = new Turn()): Parts {
  const parts = createParts(actor, options, turn);
  partsByActor.set(actor, parts);
  return parts;
}

function createParts(actor: ConnectionActor, options: ResolvedOptions, turn: Turn) {
  const { storage, refresh, isCookie } = options;
  const actorClock = property(actor, "clock");
  const clock = isClock(actorClock) ? actorClock : options.clock;
  const log = createLog(options.logger, turn);
  const expiry = createExpiry(clock, options.refreshLeeway, Math.random, log);
  const tokenStore = createTokenStore(options.identify, expiry, log, isCookie, {
    onCertain: () => traffic.dropOthers(),
    onCleared: () => traffic.dropAll(),
    onGone: (gone, isGivenUp) => traffic.dropOf(gone, isGivenUp),
  });
  const failures = createFailures(options.timeout, tokenStore);
  const backoff = createBackoff(options.reconnectionDelay, options.reconnectionDelayMax);
  const common = { ...options, clock, turn, log, expiry, tokenStore, owners: tokenStore.owners, failures };
  const source = createTokenSource({
    ...common,
    adapter: storage,
    lock: createLock(clock, options.refreshTimeout),
    onDoubt: (after) => traffic.drop(after),
    hold: (run) => turn.hold(run),
  });
  const refresher = refresh && createRefresher({ ...common, refresh, source, delay: backoff });
  const gate = new Gate({ ...common, source, link: (number) => links.owner(number) });
  const traffic: Traffic = new Traffic({
    ...common,
    gate,
    heard: () => source.heard,
    link: (number) => links.get(number),
  });
  const links = createLinks({
    ...common,
    gate,
    extraHeaders: options.extraHeaders,
    io: options.io ?? socketIo({ ...common, classify: options.classify, make: failures.make }),
    namespaces: (link) => traffic.namespaces(link),
    onTransport: () => shown.onChange(),
    policy(version, verdict, session) {
      noteVerdict(failures, verdict, options);
      const { children, context } = actor.getSnapshot();
      const hasAttemptsLeft = context.attempt < context.settings.reconnectionAttempts;
      return children.credential
        ? applyPolicy(children.credential.getSnapshot(), version, verdict, session, hasAttemptsLeft)
        : verdict;
    },
  });
  /** What the application is shown, beside the state. */
  const shown = {
    /** How long the statechart waits for the next attempt, and when that begins, in epoch milliseconds. */
    delay: 0,
    retryAt: 0,
    /** The application may see something else than before. Not called within a step of the statechart. */
    onChange() {},
  };
  return {
    ...common,
    actor,
    shown,
    source,
    refresher,
    traffic,
    links,
    lifetime: new Lifetime(actor, turn, (isOver) => {
      if (isOver) traffic.refuseAll();
      else traffic.suspend();
      shown.onChange();
    }),
    of: traffic.of,
    /** How long to wait before the next attempt to connect. */
    delay(attempt: number, retryAfter: number | null): number {
      shown.delay = backoff(attempt, retryAfter);
      shown.retryAt = clock.now() + shown.delay;
      return Math.min(LONGEST_DELAY, shown.delay);
    },
  };
}

/** A part as an actor of the statechart: it runs from a start of the root to the next stop. */
interface Part<Command, Report> {
  /** Returns the function that ends it. */
  start(report: (event: Report) => void): () => void;
  handle?(command: Command): void;
}

/** The child actor of a part: starts it with each start of the root, passes on what it is told and what it reports. */
const child = <Command extends EventObject, Report extends EventObject = ConnectionEvent>(
  find: (parts: Parts) => Part<Command, Report>,
): CallbackActorLogic<Command> =>
  fromCallback<Command>(({ self, sendBack, receive }) => {
    const parts = partsOf(self);
    if (!parts) throw invalidOption("This actor belongs to no actor of connectionLogic.");
    const { turn, lifetime } = parts;
    const part = find(parts);
    let isOver = false;
    const stop = part.start((event) =>
      lifetime.report(() => {
        // What a run reports after its end is about links that are gone.
        if (!isOver) turn.step(() => sendBack(event));
      }),
    );
    receive((command) => {
      if (!isOver) turn.handle(() => part.handle?.(command));
    });
    return lifetime.add(() => {
      isOver = true;
      stop();
    });
  });

/** What takes the place of the stubs in the chart, once for all connections. */
export const REAL: Parameters<typeof connectionMachine.provide>[0] = {
  actors: {
    traffic: child<TrafficCommand>(({ traffic }) => traffic),
    links: child<LinksCommand>(({ links }) => links),
    environment: child<EventObject>(({ environment, tokenStore, log }) => ({
      start: (report) =>
        // Without the network a link may still be alive, and ends by itself if it is not.
        followEnvironment(
          environment,
          (signal) => signal === "network.offline" || report({ type: "environment.resumed" }),
          tokenStore,
          log,
        ),
    })),
    credential: credentialMachine.provide({
      actors: {
        refresher: child<RefresherCommand, RefresherEvent>(
          ({ refresher }) => refresher ?? { start: () => () => {} },
        ),
        storage: child<StorageCommand, StorageEvent>(
          ({ actor, source, traffic, links, turn, lifetime, expiry }) => ({
            start: (report) =>
              source.start((event) => {
                report({ ...event, ...(expiry.isOver && { isExpired: true }) });
                links.applyNames();
                traffic.flush();
              }, actor.getSnapshot().context.version),
            handle: (command) =>
              turn.call(() => {
                if (!lifetime.isRunning) return;
                if (command.type === "renew") source.renewVersion();
                else source[command.type]();
              }),
          }),
        ),
      },
    }),
  },
  delays: {
    // A snapshot that belongs to no actor, as in pure tests, waits for nothing.
    reconnectionDelay: ({ context, self }) => partsOf(self)?.delay(context.attempt, context.retryAfter) ?? 0,
  },
};
