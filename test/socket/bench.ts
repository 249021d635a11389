import { vi } from "vitest";
import { Channel } from "../../src/socket/channel.js";
import { RotorSocket } from "../../src/socket/rotor-socket.js";
import { type HandMadeSocket, handMadeSocket } from "../io/hand-made-io.js";
import { type ManualClock, manualClock } from "../manual-clock.js";

interface BenchOptions {
  bufferLimit?: number;
  ackTimeout?: number;
}

/** A channel with the socket in front of it and a hand-made link behind it. */
export interface Bench {
  readonly channel: Channel;
  readonly socket: RotorSocket;
  readonly link: HandMadeSocket;
  readonly clock: ManualClock;
  readonly asked: {
    connect: ReturnType<typeof vi.fn<() => void>>;
    disconnect: ReturnType<typeof vi.fn<() => void>>;
  };
  /** What the look at the storage before each write says. */
  isCurrent: () => boolean;
  /** Called when more has come in than may wait. */
  readonly onOverflow: ReturnType<typeof vi.fn<() => void>>;
  /** Called when nothing is due on the link before any more. */
  readonly onFinished: ReturnType<typeof vi.fn<() => void>>;
  /** `dropped` events, in order. */
  readonly dropped: unknown[][];
  /** The events written, in order. */
  written(): string[];
  /** A new link is current, and its server has accepted this namespace. */
  relink(id: string): HandMadeSocket;
}

export function bench({ bufferLimit = 10, ackTimeout = 30_000 }: BenchOptions = {}): Bench {
  const clock = manualClock();
  const asked = { connect: vi.fn<() => void>(), disconnect: vi.fn<() => void>() };
  const link = handMadeSocket();
  const dropped: unknown[][] = [];
  const at: Bench = {
    channel: new Channel({
      bufferLimit,
      heard: () => 0,
      mayWrite: () => at.isCurrent(),
      mayDeliver: () => at.isCurrent(),
      onFinished: () => at.onFinished(),
      onOverflow: () => at.onOverflow(),
      clean: (error) => error,
      ...asked,
    }),
    get socket() {
      return socket;
    },
    link,
    clock,
    asked,
    isCurrent: () => true,
    onFinished: vi.fn<() => void>(),
    onOverflow: vi.fn<() => void>(),
    dropped,
    written: () => link.written.map(({ event }) => event),
    relink(id) {
      const next = handMadeSocket();
      at.channel.attach(next, false);
      next.connect(id);
      return next;
    },
  };
  const socket: RotorSocket = new RotorSocket(at.channel, ackTimeout, clock, () => {});
  socket.on("dropped", (...args) => dropped.push(args));
  return at;
}

/** A bench whose link is attached and connected. */
export function connectedBench(options?: BenchOptions): Bench {
  const at = bench(options);
  at.channel.attach(at.link, false);
  at.link.connect();
  return at;
}
