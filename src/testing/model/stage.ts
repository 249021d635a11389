import { type Actor, createActor, type InspectionEvent } from "xstate";
import { connectionMachine, type EnvironmentEvent } from "../../../machines/index.js";
import { readToken } from "../../credential/token-text.js";
import type { EnvironmentSignal } from "../../environment/environment.js";
import { implementations } from "../../implementations.js";
import type { ConnectionOptions } from "../../options.js";
import type { RotorSocket } from "../../sockets/rotor-socket.js";
import { hang } from "../fake-behaviours.js";
import { type FakeIo, fakeIo } from "../fake-io.js";
import { type SimulatedClock, simulatedClock } from "../simulated-clock.js";
import type { StorageHarness } from "../storage-contract.js";
import { createGate, type Gate } from "./gate.js";
import type { ConnectionMachine } from "./graph.js";
import type { ModelParts } from "./parts.js";
import type { Setup } from "./setups.js";

/**
 * How long a link must stay up; the cookie of a changed session has as long, and no walk waits for it. No multiple of a
 * minute, at which the clock is looked at, so that no two delays end in the same moment.
 */
const STABLE_AFTER = 3_030_000;

/** What is replayed, the statechart with its parts, started, and the fakes around it. */
export interface Stage {
  readonly io: FakeIo;
  readonly clock: SimulatedClock;
  readonly gate: Gate;
  readonly actor: Actor<ConnectionMachine>;
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
export function createStage(
  setup: Setup,
  parts: ModelParts,
  storage: StorageHarness,
  watch: (event: InspectionEvent) => void,
): Stage {
  const { hasRefresh, reconnectionAttempts, rotation, isOpaque, isCookie } = setup;
  const forever = Number.POSITIVE_INFINITY;
  const clock = simulatedClock();
  const gate = createGate(storage);
  const io = fakeIo(hang());
  io.isHandshakeHeld = rotation === "overlap";
  io.behaveOnReauthentication(hang());
  io.unanswered.add("anchor");
  const calls: (() => void)[] = [];
  let onSignal: ((signal: EnvironmentSignal) => void) | undefined;
  const options: Omit<ConnectionOptions, "autoConnect" | "inspect"> = {
    url: "https://api.example.com",
    storage: isCookie ? { ...gate.adapter, credential: "cookie" } : gate.adapter,
    io: parts.io(io),
    clock,
    logger: {},
    reconnectionAttempts,
    stableAfter: STABLE_AFTER,
    ...(!isCookie && {
      rotation,
      identify: (token: string) => (isOpaque ? undefined : readToken(token).identity),
      refreshTimeout: forever,
    }),
    ...(hasRefresh && {
      refresh: () =>
        new Promise<never>((_, reject) => {
          calls.push(() => reject(new Error("down")));
        }),
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
  };
  const made = implementations(options);
  const actor = createActor(parts.extend(connectionMachine.provide(made)), {
    clock: made.clock,
    inspect(event) {
      if (event.type === "@xstate.event" && event.event.type === "read") gate.expectRead();
      watch(event);
    },
  }).start();
  return {
    io,
    clock,
    gate,
    actor,
    socket: made.socket,
    login: (token) => made.login(token),
    logout: () => made.logout(),
    signal(event) {
      // An environment of somebody's own does not listen here: then it is that one which signals.
      if (onSignal) onSignal(event.type);
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
