import {
  type Connection,
  type ConnectionInput,
  type ConnectionOptions,
  connectionInput,
  type EnvironmentSignal,
  type StorageAdapter,
} from "socket-rotor";
import {
  accept,
  answer,
  type FakeIo,
  fakeIo,
  hang,
  type SimulatedClock,
  simulatedClock,
  unreachable,
} from "socket-rotor/testing";

/** What a connection has around it, by which it is brought into a leaf of the chart, and out of it. */
export interface Surroundings {
  readonly input: ConnectionInput;
  readonly io: FakeIo;
  readonly clock: SimulatedClock;
  /** How many listen to the storage, and to the network and the page. */
  readonly listeners: number;
  /** The page is back. */
  resume(): void;
  /** Somebody else writes the token. */
  write(token: string | null): void;
  /** The storage and `refresh` answer from now on, and the server accepts whatever comes. */
  relent(): void;
}

/** How a leaf is reached. */
interface Leaf {
  options?: Partial<ConnectionOptions>;
  /** The storage does not answer. */
  isHung?: boolean;
  first?: string | null;
  reach?(at: Surroundings, connection: Connection): unknown;
  /** Where the connection is in the end, unless it is connected. */
  ends?: string;
}

const rotate = ({ write }: Surroundings): void => write("ada.2");
const overlap: ConnectionOptions["rotation"] = "overlap";
const identify = (token: string): string => token.replace(/\..*/, "");

/** Each leaf of the chart, by its path. `choosing` and `failed` are left in the step in which they are entered. */
export const LEAVES: Readonly<Record<string, Leaf>> = {
  "idle.stopped": { reach: (_, connection) => connection.disconnect(), ends: "idle" },
  "idle.exhausted": {
    options: { reconnectionAttempts: 0 },
    reach: ({ io }) => io.last?.drop(),
    ends: "idle",
  },
  "connecting.reading": { isHung: true },
  "connecting.opening": { reach: ({ io }) => reopened(io, hang()) },
  "connecting.waiting": { reach: ({ io }) => io.last?.drop() },
  "connecting.refreshing": { reach: ({ io }) => io.last?.refuse("refresh") },
  "connected.steady": {},
  "connected.refreshing": { reach: (_, connection) => void connection.refresh().catch(() => {}) },
  "connected.checking": {
    reach(at) {
      at.io.isBarrierHeld = true;
      at.resume();
    },
  },
  "rotating.reauthenticating.asking": {
    reach(at) {
      at.io.behaveOnReauthentication(hang());
      rotate(at);
    },
  },
  "rotating.reauthenticating.waiting": {
    reach(at) {
      at.io.behaveOnReauthentication(answer({ ok: false, verdict: "retry" }));
      rotate(at);
    },
  },
  "rotating.overlapping.opening": {
    options: { rotation: overlap },
    reach(at) {
      at.io.behaveOnReauthentication(answer({ ok: false, verdict: "replace" }));
      at.io.behave(hang());
      rotate(at);
    },
  },
  "rotating.overlapping.waiting": {
    options: { rotation: overlap },
    reach(at) {
      at.io.behaveOnReauthentication(answer({ ok: false, verdict: "replace" }));
      at.io.behave(unreachable());
      rotate(at);
    },
  },
  "rotating.finishing.settling": {
    options: { rotation: overlap },
    reach(at, { socket }) {
      socket.emit("save");
      at.io.behaveOnReauthentication(answer({ ok: false, verdict: "replace" }));
      at.io.isBarrierHeld = true;
      rotate(at);
    },
  },
  "rotating.finishing.draining": {
    options: { rotation: overlap },
    reach(at, { socket }) {
      at.io.unanswered.add("slow");
      socket.emit("slow", () => {});
      at.io.behaveOnReauthentication(answer({ ok: false, verdict: "replace" }));
      rotate(at);
    },
  },
  "rotating.refreshing": {
    reach(at) {
      at.io.behaveOnReauthentication(answer({ ok: false, verdict: "refresh" }));
      rotate(at);
    },
  },
  "rotating.replacing.settling": {
    reach(at, { socket }) {
      socket.emit("save");
      at.io.behaveOnReauthentication(answer({ ok: false, verdict: "replace" }));
      at.io.isBarrierHeld = true;
      rotate(at);
    },
  },
  "rotating.replacing.opening": {
    reach(at) {
      at.io.behaveOnReauthentication(answer({ ok: false, verdict: "replace" }));
      at.io.behave(hang());
      rotate(at);
    },
  },
  "loggedOut.signedOut": { reach: ({ write }) => write(null), ends: "loggedOut" },
  "loggedOut.rejected": { reach: ({ io }) => io.last?.refuse("logout"), ends: "loggedOut" },
};

/** The link is gone, and the next one is answered in this way. */
function reopened(io: FakeIo, behaviour: ReturnType<typeof hang>): void {
  io.behave(behaviour);
  io.last?.drop("io server disconnect", "retry", 0);
}

/** What a connection needs that is to be brought into a leaf: connected already, where its storage answers. */
export function surroundings({ options, isHung = false, first = "ada.1" }: Leaf): Surroundings {
  const clock = simulatedClock();
  const io = fakeIo(accept({ reauthenticate: true }));
  const listeners = new Set<() => void>();
  const watchers = new Set<(signal: EnvironmentSignal) => void>();
  let held = first;
  let hasRelented = false;
  let fresh = 10;
  const pending: (() => void)[] = [];
  const storage: StorageAdapter = {
    read: () => (isHung && !hasRelented ? new Promise(() => {}) : held),
    write(token) {
      held = token;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const input = connectionInput({
    url: "https://api.example.com",
    storage,
    io,
    identify,
    refresh: async () => {
      if (!hasRelented) await new Promise<void>((resolve) => pending.push(resolve));
      fresh += 1;
      return `ada.${fresh}`;
    },
    environment: {
      subscribe(onSignal) {
        watchers.add(onSignal);
        return () => void watchers.delete(onSignal);
      },
    },
    logger: {},
    ...options,
  });
  return {
    input,
    io,
    clock,
    get listeners() {
      return listeners.size + watchers.size;
    },
    resume() {
      for (const onSignal of [...watchers]) onSignal("page.resumed");
    },
    write(token) {
      held = token;
      for (const listener of [...listeners]) listener();
    },
    relent() {
      hasRelented = true;
      for (const resolve of pending.splice(0)) resolve();
      io.isBarrierHeld = false;
      io.isHandshakeHeld = false;
      io.unanswered.clear();
      io.behave(accept({ reauthenticate: true }));
      io.behaveOnReauthentication(answer({ ok: true }));
    },
  };
}

/** Everything that is due has been done, but for timers. */
export async function settled(): Promise<void> {
  // A lock of the browser is given by another process, which answers this after what was asked before.
  await globalThis.navigator?.locks?.query();
  await new Promise((resolve) => setTimeout(resolve));
}

/** Brings a connection that was started into a leaf. */
export async function enter(leaf: Leaf, at: Surroundings, connection: Connection): Promise<void> {
  await settled();
  leaf.reach?.(at, connection);
  await settled();
}

/**
 * After a restart: lets everything answer and time pass, until the connection is where it ends. Answers with that, with
 * how many links were open at once at most, and with what has arrived of a message that is emitted then.
 */
export async function recover(at: Surroundings, connection: Connection) {
  let most = at.io.links.length;
  at.relent();
  const answered = connection.socket.emitWithAck("after", "after").catch(({ code }) => String(code));
  const isThere = (): boolean => connection.status === "connected";
  for (let turn = 0; turn < 10 && !isThere(); turn += 1) {
    if (turn > 0 && Number.isFinite(at.clock.untilNext))
      at.clock.advance(Math.min(60_000, at.clock.untilNext));
    await settled();
    most = Math.max(most, at.io.links.length);
  }
  await settled();
  const arrived = at.io.log.filter((entry) => entry.type === "message" && entry.event === "after").length;
  return { status: connection.status, most, arrived, answer: await Promise.race([answered, settled()]) };
}
