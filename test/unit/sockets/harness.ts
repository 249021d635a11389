import type { Link } from "socket-rotor";
import { type MockInstance, vi } from "vitest";
import { createOwners, type Owners } from "../../../src/credential/owners.js";
import { createLog, type Logger } from "../../../src/logger.js";
import { createFailures } from "../../../src/redaction/failures.js";
import type { Channel } from "../../../src/sockets/channel.js";
import { Gate, type LinkOwner } from "../../../src/sockets/gate.js";
import type { RotorSocket } from "../../../src/sockets/rotor-socket.js";
import { Traffic } from "../../../src/sockets/traffic.js";
import { createTurn } from "../../../src/turn.js";
import { type HandMadeSocket, handMadeSocket } from "../../support/hand-made-io.js";
import { type ManualClock, manualClock } from "../../support/manual-clock.js";

/** A gate over a credential that a test plays: users by name, and links of the user who is signed in as they open. */
export interface Credential {
  readonly owners: Owners;
  readonly gate: Gate;
  /** What the look at the storage before each write says. */
  isCurrent: () => boolean;
  isCertain: boolean;
  hasToken: boolean;
  /** A link opens for the user who is signed in; `isCertain`: the server has let this very one in. */
  open(link: number, isCertain?: boolean): LinkOwner;
  close(link: number): void;
}

export function credential(onCertain: () => void): Credential {
  const links = new Map<number, LinkOwner>();
  const owners = createOwners(false, onCertain);
  const at: Credential = {
    owners,
    gate: new Gate({
      source: {
        get isCertain() {
          return at.isCertain;
        },
        isCurrent: () => at.isCurrent(),
      },
      tokenStore: {
        get hasToken() {
          return at.hasToken;
        },
        token: (version) => `token ${version}`,
      },
      owners,
      link: (number) => links.get(number),
    }),
    isCurrent: () => true,
    isCertain: true,
    hasToken: true,
    open(number, isCertain = true) {
      const link = { owner: owners.ofToken, isCertain };
      links.set(number, link);
      return link;
    },
    close: (number) => links.delete(number),
  };
  return at;
}

/** What traffic needs besides a credential; the tests attach its links. */
export function partsOfTraffic(clock = manualClock(), logger: Logger = {}) {
  return {
    namespace: "/",
    bufferLimit: 10,
    ackTimeout: 30_000,
    rotation: "overlap" as const,
    autoConnect: false,
    isCookie: false,
    failures: createFailures(20_000, {
      mask: (text) => text,
      maskError: (cause) => new Error(String(cause)),
      maskData: (data) => data,
    }),
    turn: createTurn(),
    clock,
    log: createLog(logger),
    heard: () => 0,
    link: (): Link | undefined => undefined,
  };
}

interface HarnessOptions {
  bufferLimit?: number;
  ackTimeout?: number;
}

/** A channel with the socket in front of it, a gate beside it and a hand-made link behind it. */
export interface SocketsHarness {
  readonly channel: Channel;
  readonly socket: RotorSocket;
  readonly link: HandMadeSocket;
  readonly clock: ManualClock;
  readonly credential: Credential;
  readonly asked: {
    connect: ReturnType<typeof vi.fn<() => void>>;
    disconnect: ReturnType<typeof vi.fn<() => void>>;
  };
  /** The statechart wants a connection. */
  activate(): void;
  /** The statechart refuses what is emitted from now on, or nothing any more. */
  refuse(code: "ERR_LOGGED_OUT" | "ERR_DISPOSED" | undefined): void;
  /** From now on it is uncertain who is signed in. */
  hold(): void;
  /** It is certain again, and the statechart lets everything go on. */
  release(): void;
  /** The statechart lets nothing leave; what comes in is delivered. */
  pause(): void;
  /** Called when more has come in than may wait. */
  readonly onOverflow: MockInstance<() => void>;
  /** Called when nothing is due on the link before any more. */
  readonly onFinished: MockInstance<() => void>;
  /** `dropped` events, in order. */
  readonly dropped: unknown[][];
  /** The events written, in order. */
  written(): string[];
  /** A new link is current, and its server has accepted this namespace. */
  relink(id: string): HandMadeSocket;
}

export function socketsHarness({
  bufferLimit = 10,
  ackTimeout = 30_000,
}: HarnessOptions = {}): SocketsHarness {
  const clock = manualClock();
  const asked = { connect: vi.fn<() => void>(), disconnect: vi.fn<() => void>() };
  const link = handMadeSocket();
  const dropped: unknown[][] = [];
  const user = credential(() => traffic.dropOthers());
  user.open(1);
  const { gate, owners } = user;
  const traffic = new Traffic({ ...partsOfTraffic(clock), bufferLimit, ackTimeout, gate, owners });
  traffic.link = 1;
  const onFinished = vi.spyOn(traffic, "tellFinished");
  const onOverflow = vi.spyOn(traffic, "overflow").mockImplementation(() => {});
  traffic.start(({ type }) => {
    if (type === "connect" || type === "disconnect") asked[type]();
  });
  const channel = traffic.channel("/");
  const at: SocketsHarness = {
    channel,
    socket: channel.socket,
    link,
    clock,
    credential: user,
    asked,
    activate() {
      traffic.handle({ type: "start" });
    },
    refuse(code) {
      if (code === "ERR_DISPOSED") traffic.refuseAll();
      else traffic.handle(code ? { type: "refuse", code } : { type: "accept" });
    },
    hold() {
      user.isCertain = false;
    },
    release() {
      user.isCertain = true;
      gate.isPaused = false;
      channel.flush();
    },
    pause() {
      user.isCertain = true;
      gate.isPaused = true;
      channel.flush();
    },
    onFinished,
    onOverflow,
    dropped,
    written: () => link.written.map(({ event }) => event),
    relink(id) {
      const next = handMadeSocket();
      user.open(1);
      channel.attach(next);
      next.connect(id);
      return next;
    },
  };
  at.socket.on("dropped", (...args) => dropped.push(args));
  return at;
}

/** A harness whose link is attached and connected. */
export function connectedHarness(options?: HarnessOptions): SocketsHarness {
  const at = socketsHarness(options);
  at.channel.attach(at.link);
  at.link.connect();
  return at;
}
