import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type EnvironmentSignal,
  type Refresh,
} from "socket-rotor";
import { type FakeIo, fakeIo } from "socket-rotor/testing";
import { onTestFinished } from "vitest";
import { type Answer, answer, type BreakableStorage, breakableStorage } from "../../support/fake-storages.js";
import { type ManualClock, manualClock, promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

/** A token of a user; those of one user differ by their number. */
export const tokenOf = (user: string, jti = 1): string => jwt({ sub: user, jti });

/** A connection to a fake server, on a clock that stands still, with what the server and the application have seen. */
export interface Harness {
  readonly connection: Connection;
  readonly io: FakeIo;
  readonly clock: ManualClock;
  /** Unless the test brought one of its own. */
  readonly storage: BreakableStorage;
  /** What `dropped` has told: event and code. */
  readonly dropped: string[];
  /** What the page or the network says. */
  signal(signal: EnvironmentSignal): void;
  /** `status.detail` */
  state(): string;
  /** The tokens that the server was shown, by a handshake or on a link that is up. */
  presented(): unknown[];
  /** The messages that the server has got, as `event arguments`. */
  messages(): string[];
  /** The same, each with the number of its link. */
  messagesByLink(): string[];
}

type Given = Omit<Partial<ConnectionOptions>, "io" | "clock"> & { io?: FakeIo; token?: string | null };

export function connect({ io = fakeIo(), token = tokenOf("ada"), ...options }: Given = {}): Harness {
  const clock = manualClock();
  const storage = breakableStorage(token);
  const signals = new Set<(signal: EnvironmentSignal) => void>();
  const connection = createConnection({
    url: "https://api.example.com",
    storage,
    io,
    clock,
    logger: {},
    environment: {
      subscribe(onSignal) {
        signals.add(onSignal);
        return () => signals.delete(onSignal);
      },
    },
    ...options,
  });
  onTestFinished(() => connection.dispose());
  const dropped: string[] = [];
  connection.socket.on("dropped", (event, code) => dropped.push(`${event} ${code}`));
  const messagesByLink = (): string[] =>
    io.log.flatMap((entry) =>
      entry.type === "message" ? [[entry.link, entry.event, ...entry.args].join(" ")] : [],
    );
  return {
    connection,
    io,
    clock,
    storage,
    dropped,
    signal: (given) => {
      for (const signal of signals) signal(given);
    },
    state() {
      const { status, detail } = connection.getSnapshot();
      return `${status}.${detail}`;
    },
    presented: () =>
      io.log.flatMap((entry) =>
        entry.type === "handshake" || entry.type === "reauthentication" ? [entry.auth.token] : [],
      ),
    messages: () => messagesByLink().map((each) => each.replace(/^\d+ /, "")),
    messagesByLink,
  };
}

/** The same, once it is connected. */
export async function connected(given?: Given): Promise<Harness> {
  const made = connect(given);
  await made.connection.whenConnected();
  await settled();
  return made;
}

/** Lets time pass until it is connected again; the delays between attempts are random. */
export async function untilConnected({ connection, clock }: Harness): Promise<void> {
  await settled();
  for (let seconds = 0; seconds < 200 && connection.status !== "connected"; seconds += 1) {
    await clock.advance(1_000);
    await settled();
  }
}

/** Everything that can happen without the outside world has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await promisesSettled();
}

/** A `refresh` option whose calls the test answers by hand. */
export function refreshByHand() {
  const calls: Array<Answer<string | null> & { signal: AbortSignal }> = [];
  const refresh: Refresh = ({ signal }) => {
    const call = { ...answer<string | null>(), signal };
    calls.push(call);
    return call.promise;
  };
  return { refresh, calls, aborted: () => calls.map(({ signal }) => signal.aborted) };
}

/** How a promise has ended so far: "pending", "resolved" or the code of what it was rejected with. */
export function followed(promise: Promise<unknown>): { now: string } {
  const fate = { now: "pending" };
  promise.then(
    () => {
      fate.now = "resolved";
    },
    (error: unknown) => {
      fate.now = error instanceof Error && "code" in error ? String(error.code) : String(error);
    },
  );
  return fate;
}
