import type { IoAdapter, LinkSocket } from "socket-rotor";
import { type FakeBehaviour, type FakeLink, fakeIo, type SimulatedClock } from "socket-rotor/testing";

/** Times are milliseconds of the simulated clock. */
export const ROUND_TRIP = 40;
/** TCP and TLS are not counted: the request for a websocket, Engine.IO's greeting, and Socket.IO's. */
export const HANDSHAKE = 3 * ROUND_TRIP;
/** So often the server sends an event to each of its sockets. */
export const TICK = 10;

/** A server in this page: `fakeIo()`, whose answers take as long as a network would take. */
export class SlowServer {
  readonly io: IoAdapter;
  /** Called with the number of a message when it has left the client. */
  onWritten: (message: number) => void = () => {};
  readonly #clock: SimulatedClock;
  readonly #takesTokens: boolean;
  readonly #fake = fakeIo();
  #accepted: FakeLink[] = [];
  #isCut = false;
  #isRefusing = false;
  #ticks = 0;

  /** @param takesTokens - whether it has the server half, which takes a newer token on the same link */
  constructor(clock: SimulatedClock, takesTokens: boolean) {
    this.#clock = clock;
    this.#takesTokens = takesTokens;
    this.#fake.behave(this.#onHandshake);
    this.#fake.behaveOnReauthentication(this.#onToken);
    this.io = this.#slowDown();
    this.#tick();
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** The network is gone, and the browser says so. */
  cut(): void {
    this.#isCut = true;
    this.#end((link) => link.drop("transport close"));
  }

  mend(): void {
    this.#isCut = false;
  }

  /** Ends every connection without a reason. */
  kick(): void {
    this.#end((link) => link.drop("io server disconnect"));
  }

  /** Refuses every token from now on, until somebody signs in. */
  refuse(): void {
    this.#isRefusing = true;
    this.#end((link) => link.drop("io server disconnect", "refresh", undefined, "invalid_token"));
  }

  /** Takes tokens again. */
  forgive(): void {
    this.#isRefusing = false;
  }

  #end(how: (link: FakeLink) => void): void {
    for (const link of this.#accepted.splice(0)) if (link.isOpen) how(link);
  }

  readonly #onHandshake: FakeBehaviour = (link) => {
    if (this.#isCut) {
      this.#after(ROUND_TRIP, () => link.fail());
      return;
    }
    // The server is done half a round trip before the client hears of it.
    this.#after(HANDSHAKE - ROUND_TRIP / 2, () => this.#accepted.push(link));
    this.#after(HANDSHAKE, () => {
      const isAccepted = this.#accepted.includes(link);
      if (isAccepted && this.#isRefusing) link.refuse("refresh", undefined, "invalid_token");
      else if (isAccepted) link.accept({ reauthenticate: this.#takesTokens });
      else link.fail();
    });
  };

  readonly #onToken: FakeBehaviour = (link) => {
    this.#after(ROUND_TRIP, () => {
      if (!link.isOpen) return;
      link.answer(this.#isRefusing ? { ok: false, verdict: "refresh", word: "invalid_token" } : { ok: true });
    });
  };

  /** An event is on its way for half a round trip, and is lost with its link. */
  #tick(): void {
    this.#ticks += 1;
    const number = this.#ticks;
    this.#accepted = this.#accepted.filter(({ isOpen }) => isOpen);
    for (const link of this.#accepted)
      this.#after(ROUND_TRIP / 2, () => {
        if (link.isOpen) link.send("tick", number);
      });
    this.#after(TICK, () => this.#tick());
  }

  #after(delay: number, action: () => void): void {
    this.#clock.setTimeout(action, delay);
  }

  /** What the client asks of a link is answered after a round trip. */
  #slowDown(): IoAdapter {
    return {
      open: (request, report) => {
        const link = this.#fake.open(request, report);
        const sockets = new Map<string, LinkSocket>();
        return {
          ...link,
          socket: (namespace) => {
            const socket = sockets.get(namespace) ?? this.#slowSocket(link.socket(namespace));
            sockets.set(namespace, socket);
            return socket;
          },
          settle: async (signal) => {
            await new Promise<void>((resolve) => this.#after(ROUND_TRIP, resolve));
            await link.settle(signal);
          },
        };
      },
    };
  }

  #slowSocket(socket: LinkSocket): LinkSocket {
    return {
      get id() {
        return socket.id;
      },
      get isConnected() {
        return socket.isConnected;
      },
      get isWritable() {
        return socket.isWritable;
      },
      isRecovered: false,
      listen: (listener) => socket.listen(listener),
      leave: () => socket.leave(),
      write: (message) => {
        const onAck = (...values: unknown[]): void =>
          this.#after(ROUND_TRIP, () => {
            if (socket.isConnected) message.onAck?.(...values);
          });
        const isWritten = socket.write({ ...message, onAck });
        if (isWritten) this.onWritten(Number(message.args[0]));
        return isWritten;
      },
    };
  }
}
