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
import { LONGEST_DELAY } from "./clock.js";
import type { ConnectionActor } from "./connection-logic.js";
import { followEnvironment } from "./environment/environment.js";
import { invalidOption } from "./errors.js";
import type { createObserver } from "./observer.js";
import type { Parts } from "./parts.js";

/** What `provide()` of the statechart takes. */
export type Provided = Parameters<typeof connectionMachine.provide>[0];

/** An actor of the logic, with its parts. */
export interface Owned {
  actor: ConnectionActor;
  parts: Parts;
  /** Writes the log of its steps. */
  observe: ReturnType<typeof createObserver>;
}

export const owned = new WeakMap<AnyActorRef, Owned>();

/** What belongs to an actor, or to the one that it is a child of. */
function findOwned(actor: AnyActorRef | undefined): Owned | undefined {
  return actor && (owned.get(actor) ?? findOwned(actor._parent));
}

/** A part that runs, until its actor stops. */
interface Running<Command> {
  obey?: (command: Command) => void;
  stop: () => void;
}

/** The child actor of a part: starts it with each start of the root, passes on what it is told and what it reports. */
const child = <Command extends EventObject, Report extends EventObject = ConnectionEvent>(
  run: (owned: Owned, report: (event: Report) => void) => Running<Command>,
): CallbackActorLogic<Command> =>
  fromCallback<Command>(({ self, sendBack, receive }) => {
    const found = findOwned(self);
    if (!found) throw invalidOption("This actor belongs to no actor of connectionLogic.");
    const { turn, lifetime } = found.parts;
    let isOver = false;
    const report = (event: Report): void =>
      lifetime.report(() => {
        // What a run reports after its end is about links that are gone.
        if (!isOver) turn.step(() => sendBack(event));
      });
    const { obey, stop } = run(found, report);
    receive((command) => {
      if (!isOver) turn.obey(() => obey?.(command));
    });
    return lifetime.add(() => {
      isOver = true;
      stop();
    });
  });

/** What takes the place of the stubs in the chart, once for all connections. */
export const REAL: Provided = {
  actors: {
    traffic: child<TrafficCommand>(({ parts: { traffic } }, report) => ({
      obey: (command) => traffic.obey(command),
      stop: traffic.start(report),
    })),
    links: child<LinksCommand>(({ parts: { links } }, report) => ({
      obey: links.obey,
      stop: links.start(report),
    })),
    environment: child<EventObject, ConnectionEvent>(({ parts: { options, vault, log } }, report) => ({
      // Without the network a link may still be alive, and ends by itself if it is not.
      stop: followEnvironment(
        options.environment,
        (signal) => signal === "network.offline" || report({ type: "environment.resumed" }),
        vault,
        log,
      ),
    })),
    credential: credentialMachine.provide({
      actors: {
        refresher: child<RefresherCommand, RefresherEvent>(({ parts: { refresher } }, report) =>
          refresher ? { obey: refresher.obey, stop: refresher.start(report) } : { stop() {} },
        ),
        storage: child<StorageCommand, StorageEvent>(
          ({ actor, parts: { source, traffic, turn, lifetime } }, report) => ({
            obey: (command) =>
              turn.call(() => {
                if (!lifetime.isRunning) return;
                if (command.type === "renew") source.renewVersion();
                else source[command.type]();
              }),
            stop: source.start((event) => {
              report(event);
              traffic.flush();
            }, actor.getSnapshot().context.version),
          }),
        ),
      },
    }),
  },
  delays: {
    // A snapshot that belongs to no actor, as in pure tests, waits for nothing.
    reconnectionDelay: ({ context, self }) => {
      const backoff = findOwned(self)?.parts.backoff;
      return Math.min(LONGEST_DELAY, backoff?.delay(context.attempt, context.retryAfter) ?? 0);
    },
  },
};
