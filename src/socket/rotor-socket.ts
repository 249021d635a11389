import type {
  DefaultEventsMap,
  EventNames,
  EventParams,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
} from "@socket.io/component-emitter";
import type { Clock } from "../clock.js";
import { ConnectionError } from "../errors.js";
import { callSafely } from "../report-error.js";
import type { Channel } from "./channel.js";
import { limitAck, type PendingAck } from "./outbox.js";
import type { AllButLast, FirstArg, Last, SocketReservedEvents, WithAckErrors } from "./types.js";

const RESERVED = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
  "dropped",
]);

/**
 * What the application holds in place of socket.io-client's `Socket`, with the same words. It stays the same
 * object for the life of the connection: listeners and unsent messages survive every rotation, and a message is
 * never sent for another user than the one who emitted it.
 *
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 *
 * interface ServerToClient {
 *   message: (text: string) => void;
 * }
 * interface ClientToServer {
 *   save: (draft: string, done: (id: number) => void) => void;
 * }
 *
 * const { socket } = createConnection<ServerToClient, ClientToServer>({
 *   url: "https://api.example.com",
 *   storage: webStorage("accessToken"),
 * });
 * socket.on("message", (text) => console.log(text));
 * socket.on("dropped", (event, code) => console.warn(`${event} was not sent: ${code}`));
 * const id: number = await socket.emitWithAck("save", "Hello");
 * ```
 * @see https://socket.io/docs/v4/client-api/#socket
 */
export class RotorSocket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> {
  readonly #channel: Channel;
  readonly #ackTimeout: number;
  readonly #clock: Clock;
  #timeout: number | undefined;

  /** @internal */
  constructor(channel: Channel, ackTimeout: number, clock: Clock) {
    this.#channel = channel;
    this.#ackTimeout = ackTimeout;
    this.#clock = clock;
  }

  /** Whether messages are leaving now, in this namespace. */
  get connected(): boolean {
    return this.#channel.connected;
  }
  /** The opposite of `connected`. */
  get disconnected(): boolean {
    return !this.#channel.connected;
  }
  /** Whether it is connected, or will try to be without being asked. */
  get active(): boolean {
    return this.#channel.active;
  }
  /** The id of the socket on the server; another one after each new link, `undefined` while disconnected. */
  get id(): string | undefined {
    return this.#channel.id;
  }
  /** Whether the server restored the state of the last link (Socket.IO's connection state recovery). */
  get recovered(): boolean {
    return this.#channel.recovered;
  }
  /**
   * Tokens come from the storage, so that nothing is assigned here.
   * @throws {@link ConnectionError} `ERR_AUTH_ASSIGNED`, always.
   */
  set auth(_value: unknown) {
    throw new ConnectionError(
      "ERR_AUTH_ASSIGNED",
      'socket.auth cannot be assigned: the token comes from the storage. Call connection.login(token), and give the "auth" option to shape what is sent.',
    );
  }

  /** Calls the listener with every such event, until `off`. */
  on<Event extends ReservedOrUserEventNames<SocketReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<SocketReservedEvents, ListenEvents, Event>,
  ): this {
    this.#channel.listeners.on(String(event), listener);
    return this;
  }

  /** Calls the listener with the next such event only. */
  once<Event extends ReservedOrUserEventNames<SocketReservedEvents, ListenEvents>>(
    event: Event,
    listener: ReservedOrUserListener<SocketReservedEvents, ListenEvents, Event>,
  ): this {
    this.#channel.listeners.once(String(event), listener);
    return this;
  }

  /** Ends a listener; without one all of the event, without an event all there are. */
  off<Event extends ReservedOrUserEventNames<SocketReservedEvents, ListenEvents>>(
    event?: Event,
    listener?: ReservedOrUserListener<SocketReservedEvents, ListenEvents, Event>,
  ): this {
    if (event === undefined) this.#channel.listeners.off();
    else if (listener === undefined) this.#channel.listeners.off(String(event));
    else this.#channel.listeners.off(String(event), listener);
    return this;
  }

  /** Calls the listener with every event from the server, before the event's own listeners. */
  onAny(listener: (event: string, ...args: unknown[]) => void): this {
    this.#channel.anyListeners.push(listener);
    return this;
  }

  /** Ends such a listener, or without one all of them. */
  offAny(listener?: (event: string, ...args: unknown[]) => void): this {
    const { anyListeners } = this.#channel;
    if (listener === undefined) anyListeners.length = 0;
    else if (anyListeners.includes(listener)) anyListeners.splice(anyListeners.indexOf(listener), 1);
    return this;
  }

  /**
   * Sends an event; a function as the last argument is called with the server's acknowledgement. While there is no
   * connection it waits, in order; if it can never be sent, the event `dropped` tells.
   *
   * @throws {@link ConnectionError} `ERR_RESERVED_EVENT` for a name that is not the application's to send.
   */
  emit<Event extends EventNames<EmitEvents>>(event: Event, ...args: EventParams<EmitEvents, Event>): this {
    const timeout = this.#takeTimeout();
    const callback: unknown = args.at(-1);
    if (typeof callback !== "function") {
      this.#send(String(event), args);
      return this;
    }
    const takesErrors = timeout !== undefined;
    const ack: PendingAck = {
      takesErrors,
      settle(error, values) {
        if (takesErrors) callSafely(() => callback(error, ...values));
        else if (error === null) callSafely(() => callback(...values));
      },
    };
    this.#send(String(event), args.slice(0, -1), ack, timeout);
    return this;
  }

  /**
   * Sends an event and waits for the acknowledgement; resolves with what it says first. It always settles.
   *
   * @throws {@link ConnectionError} `ERR_ACK_TIMEOUT` after `ackTimeout` milliseconds or those of `timeout()`;
   * `ERR_LOGGED_OUT`, `ERR_IDENTITY_CHANGED`, `ERR_BUFFER_FULL` or `ERR_DISPOSED` when it was not sent;
   * `ERR_LINK_CLOSED` when it was sent and the connection closed before the answer came.
   */
  emitWithAck<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButLast<EventParams<EmitEvents, Event>>
  ): Promise<FirstArg<Last<EventParams<EmitEvents, Event>>>>;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    const timeout = this.#takeTimeout() ?? this.#ackTimeout;
    return new Promise((resolve, reject) => {
      const ack: PendingAck = {
        takesErrors: true,
        settle(error, values) {
          if (error) reject(error);
          else resolve(values[0]);
        },
      };
      this.#send(event, args, ack, timeout);
    });
  }

  /**
   * Limits the wait for the next emit's acknowledgement, whose callback then gets an error first.
   *
   * @param milliseconds - From the call on, time in the outbox included. `Infinity` waits for as long as it takes.
   */
  timeout(milliseconds: number): RotorSocket<ListenEvents, WithAckErrors<EmitEvents>> {
    this.#timeout = milliseconds;
    return this;
  }

  /** Connects: for the primary namespace the whole connection, for another one this namespace. */
  connect(): this {
    this.#channel.connect();
    return this;
  }

  /** Disconnects likewise; listeners stay, and what is emitted waits for `connect()`. */
  disconnect(): this {
    this.#channel.disconnect();
    return this;
  }

  #takeTimeout(): number | undefined {
    const timeout = this.#timeout;
    this.#timeout = undefined;
    return timeout;
  }

  #send(
    event: string,
    args: readonly unknown[],
    ack?: PendingAck,
    timeout: number = Number.POSITIVE_INFINITY,
  ): void {
    if (RESERVED.has(event)) {
      throw new ConnectionError(
        "ERR_RESERVED_EVENT",
        `"${event}" is a reserved event name. Choose another one.`,
      );
    }
    if (!ack) {
      this.#channel.send({ event, args });
      return;
    }
    const limited = limitAck(ack, timeout, this.#clock, (due) => this.#channel.forget(due));
    try {
      this.#channel.send({ event, args, ack: limited });
    } catch (error) {
      limited.cancel?.();
      throw error;
    }
  }
}
