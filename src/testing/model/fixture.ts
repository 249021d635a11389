import { createActor, type InspectionEvent } from "xstate";
import type { EnvironmentEvent } from "../../../machines/index.js";
import {
  type ConnectionActor,
  connectionInput,
  connectionLogic,
  connectionOf,
} from "../../connection-logic.js";
import { readToken } from "../../credential/token-text.js";
import type { EnvironmentSignal } from "../../environment/environment.js";
import type { RotorSocket } from "../../sockets/rotor-socket.js";
import { property } from "../../value.js";
import { hang } from "../fake-behaviours.js";
import { type FakeIo, fakeIo } from "../fake-io.js";
import { type SimulatedClock, simulatedClock } from "../simulated-clock.js";
import type { StorageHarness } from "../storage-contract.js";
import { createGate, type Gate } from "./gate.js";
import type { Charts } from "./pair.js";
import type { ModelParts } from "./parts.js";
import { optionsOf, type Setup } from "./setups.js";

/**
 * How long a link must stay up; the cookie of a changed session has as long, and no walk waits for it. No multiple of a
 * minute, at which the clock is looked at, so that no two delays end in the same moment.
 */
const STABLE_AFTER = 3_030_000;

/** What is replayed, the statechart with its parts, started, and the fakes around it. */
export interface Fixture {
  readonly io: FakeIo;
  readonly clock: SimulatedClock;
  readonly gate: Gate;
  readonly actor: ConnectionActor;
  /** Both charts as they are now. */
  readonly charts: Charts;
  readonly socket: RotorSocket;
  login(token?: string): Promise<void>;
  logout(): Promise<void>;
  /** Brings a signal of network or page about. */
  signal(event: EnvironmentEvent): void;
  /** Whether somebody listens for such signals. */
  readonly isWatched: boolean;
  /** How many calls of `refresh` have not been answered. */
  readonly calls: number;
  /** Answers them: the server for that cannot be reached. */
  failCalls(): void;
}

/** @param watch - Told of everything that the actor does. */
export function createFixture(
  setup: Setup,
  parts: ModelParts,
  storage: StorageHarness,
  watch: (event: InspectionEvent) => void,
): Fixture {
  const { isOpaque, isCookie } = setup;
  const forever = Number.POSITIVE_INFINITY;
  const clock = simulatedClock();
  const gate = createGate(storage);
  const io = fakeIo(hang());
  io.behaveOnReauthentication(hang());
  io.unanswered.add("anchor");
  const calls: (() => void)[] = [];
  let onSignal: ((signal: EnvironmentSignal) => void) | undefined;
  const refresh = () =>
    new Promise<never>((_, reject) => {
      calls.push(() => reject(new Error("down")));
    });
  const input = connectionInput({
    ...optionsOf(setup, refresh),
    storage: isCookie ? { ...gate.adapter, credential: "cookie" } : gate.adapter,
    io: parts.io(io),
    logger: {},
    stableAfter: STABLE_AFTER,
    ...(!isCookie && {
      identify: (token: string) => (isOpaque ? undefined : readToken(token).identity),
      refreshTimeout: forever,
    }),
    readTimeout: forever,
    ackTimeout: forever,
    environment: {
      subscribe(listener) {
        onSignal = listener;
        return () => {
          onSignal = undefined;
        };
      },
    },
  });
  const actor = createActor(parts.extend(connectionLogic), {
    input,
    clock,
    inspect(event) {
      if (
        event.type === "@xstate.event" &&
        event.event.type === "read" &&
        property(event.actorRef, "id") === "storage"
      )
        gate.expectRead();
      watch(event);
    },
  });
  const { socket, login, logout } = connectionOf(actor);
  actor.start();
  return {
    io,
    clock,
    gate,
    actor,
    get charts() {
      const connection = actor.getSnapshot();
      const { _scheduledEvents: scheduled } = actor.system.getSnapshot();
      const isReadPending = Object.values(scheduled).some(({ event }) => event.type === "read");
      return { connection, credential: connection.children.credential?.getSnapshot(), isReadPending };
    },
    socket,
    login: (...given) => login(...given),
    logout,
    signal(event) {
      // An environment of somebody's own does not listen here: then it is that one which signals.
      if (onSignal) onSignal("page.resumed");
      else actor.send(event);
    },
    get isWatched() {
      return onSignal !== undefined;
    },
    get calls() {
      return calls.length;
    },
    failCalls() {
      for (const fail of calls.splice(0)) fail();
    },
  };
}
