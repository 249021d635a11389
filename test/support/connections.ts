import {
  type Connection,
  ConnectionError,
  type ConnectionOptions,
  createConnection,
  type MemoryStorage,
  memoryStorage,
} from "socket-rotor";
import { onTestFinished } from "vitest";
import { type HandMadeIo, handMadeIo } from "./hand-made-io.js";
import { type ManualClock, manualClock, promisesSettled } from "./manual-clock.js";

/** A connection over a hand-made IO adapter and a clock that stands still. */
export interface Rig {
  readonly connection: Connection;
  readonly storage: MemoryStorage;
  readonly io: HandMadeIo;
  readonly clock: ManualClock;
  /** Signals of network and page. */
  readonly signals: Set<Parameters<NonNullable<ConnectionOptions["environment"]>["subscribe"]>[0]>;
}

/** Makes one that is disposed of when the test ends. */
export function rig(token: string | null = "first", options: Partial<ConnectionOptions> = {}): Rig {
  const storage = memoryStorage(token);
  const io = handMadeIo();
  const clock = manualClock();
  const signals: Rig["signals"] = new Set();
  const environment: ConnectionOptions["environment"] = {
    subscribe(onSignal) {
      signals.add(onSignal);
      return () => {
        signals.delete(onSignal);
      };
    },
  };
  const connection = createConnection({
    url: "https://api.example.com",
    storage,
    io,
    clock,
    environment,
    logger: {},
    ...options,
  });
  onTestFinished(() => connection.dispose());
  return { connection, storage, io, clock, signals };
}

/** One whose server has accepted the token. */
export async function connectedRig(token = "first", options: Partial<ConnectionOptions> = {}): Promise<Rig> {
  const made = rig(token, options);
  await promisesSettled();
  made.io.link.accept();
  return made;
}

/** An error such as a link reports. */
export const lost = new ConnectionError("ERR_TRANSPORT", "The server could not be reached.");
