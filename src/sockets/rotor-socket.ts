import type { DefaultEventsMap, EventNames, EventParams, EventsMap } from "@socket.io/component-emitter";
import { ConnectionError, invalidOption } from "../errors.js";
import { isFunction } from "../value.js";
import { absent } from "../words/messages.js";
import type { Channel } from "./channel.js";
import { AnyEmitter, AnyListeners, callAny } from "./emitter.js";
import type { Flags } from "./message.js";
import type { AllButLast, FirstArg, Last, WithAckErrors } from "./types.js";

/** Events that are fired here, and only here: one of the same name from the server is not mistaken for them. */
const FIRED = new Set(["connect", "connect_error", "disconnect", "dropped"]);

/** Names that cannot be emitted. */
const RESERVED = new Set([...FIRED, "disconnecting", "newListener", "removeListener"]);

const NO_FLAGS: Flags = {};

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
> extends AnyEmitter<ListenEvents, EmitEvents> {
  readonly #channel: Channel;
  #flags = NO_FLAGS;

  /** @internal */
  constructor(channel: Channel) {
    const any = new AnyListeners();
    super(any);
    this.#channel = channel;
    const call = (event: string, args: readonly unknown[]): void => {
      Reflect.apply(super.emit, this, [event, ...args]);
    };
    channel.listener = {
      onReserved: call,
      onEvent: (event, args) => {
        callAny(any.incoming, this, event, args);
        if (!FIRED.has(event)) call(event, args);
        else {
          channel.traffic.parts.log.warnOnce(
            `shadowed ${event}`,
            `The server sent an event named "${event}", a name that belongs to the socket's own events. Only onAny() hears of it. Choose another name.`,
          );
        }
      },
      onOutgoing: (event, args) => callAny(any.outgoing, this, event, args),
    };
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
  /** Whether the server restored the state of the link before (Socket.IO's connection state recovery). */
  get recovered(): boolean {
    return this.#channel.recovered;
  }
  /**
   * Always `undefined`: the token comes from the storage.
   *
   * @deprecated Call `connection.login(token)`, and give the `auth` option to shape what is sent.
   * @throws {@link ConnectionError} `ERR_AUTH_ASSIGNED` when it is assigned.
   */
  get auth(): undefined {
    return this.#warnOfAbsent("auth");
  }
  set auth(_value: unknown) {
    throw new ConnectionError("ERR_AUTH_ASSIGNED", absent("auth"));
  }
  /**
   * Always `undefined`: each link has a Manager of its own.
   *
   * @deprecated For `io.on("reconnect")` there is `connection.subscribe()`, for `io.engine.transport.name`
   * `connection.getSnapshot().transport`, for `io.opts.query` and `io.opts.extraHeaders` the options `auth` and
   * `extraHeaders`.
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` when it is assigned.
   */
  get io(): undefined {
    return this.#warnOfAbsent("io");
  }
  set io(_value: never) {
    throw invalidOption(absent("io"));
  }
  /**
   * Always `undefined`: what waits belongs to a user, and only the library can know when it may leave.
   *
   * @deprecated Emit with `volatile` or `timeout()` what must not wait.
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` when it is assigned.
   */
  get sendBuffer(): undefined {
    return this.#warnOfAbsent("sendBuffer");
  }
  set sendBuffer(_value: never) {
    throw invalidOption(absent("sendBuffer"));
  }
  /**
   * Always `undefined`: what has come in is delivered once it is certain whose it is.
   *
   * @deprecated Listen with `on` or `onAny`; there is nothing to look into.
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` when it is assigned.
   */
  get receiveBuffer(): undefined {
    return this.#warnOfAbsent("receiveBuffer");
  }
  set receiveBuffer(_value: never) {
    throw invalidOption(absent("receiveBuffer"));
  }

  /**
   * Sends an event; a function as the last argument is called with the server's acknowledgement. While there is no
   * connection it waits, in order; if it can never be sent, the event `dropped` tells.
   *
   * @throws {@link ConnectionError} `ERR_RESERVED_EVENT` for a name that is not the application's to send.
   */
  override emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): this;
  override emit(event: string, ...args: unknown[]): this {
    const callback = args.at(-1);
    if (!isFunction(callback)) return this.#send(event, args);
    args.pop();
    const { timeout } = this.#flags;
    const hasError = timeout !== undefined;
    return this.#send(
      event,
      args,
      timeout,
      (...values) => Reflect.apply(callback, this, hasError ? [null, ...values] : values),
      hasError
        ? (error) => this.#channel.traffic.parts.turn.call(() => Reflect.apply(callback, this, [error]))
        : undefined,
    );
  }

  /**
   * Sends an event and waits for the acknowledgement; resolves with what it says first. It always settles.
   *
   * @throws {@link ConnectionError} `ERR_ACK_TIMEOUT` after `ackTimeout` milliseconds or those of `timeout()`;
   * `ERR_LOGGED_OUT`, `ERR_IDENTITY_CHANGED`, `ERR_BUFFER_FULL` or `ERR_DISPOSED` when it was not sent;
   * `ERR_LINK_CLOSED` when the connection closed before the answer came; `ERR_RESERVED_EVENT` as `emit`.
   */
  emitWithAck<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButLast<EventParams<EmitEvents, Event>>
  ): Promise<FirstArg<Last<EventParams<EmitEvents, Event>>>>;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    const { timeout = this.#channel.traffic.parts.ackTimeout } = this.#flags;
    return new Promise((resolve, reject) => this.#send(event, args, timeout, resolve, reject));
  }

  /** Sends the event `message`; otherwise as `emit`. */
  send(...args: EventParams<DefaultEventsMap, string>): this {
    return Reflect.apply(this.emit, this, ["message", ...args]);
  }

  /**
   * Limits the wait for the next emit's acknowledgement, whose callback then gets an error first.
   *
   * @param milliseconds - From the call on, time in the outbox included. `Infinity` waits for as long as it takes.
   */
  timeout(milliseconds: number): RotorSocket<ListenEvents, WithAckErrors<EmitEvents>> {
    this.#flags = { ...this.#flags, timeout: milliseconds };
    return this;
  }

  /**
   * Says that the next emit may be lost: when it cannot leave at once, it is not kept, and `dropped` is not fired.
   * An acknowledgement of it then ends with its time limit, or with the link.
   */
  get volatile(): this {
    this.#flags = { ...this.#flags, isVolatile: true };
    return this;
  }

  /** Whether the next emit is compressed, where the transport can; without this word it is. */
  compress(compress: boolean): this {
    this.#flags = { ...this.#flags, compress };
    return this;
  }

  /**
   * Connects: for the primary namespace the whole connection, for another one this namespace.
   *
   * @throws {@link ConnectionError} `ERR_DISPOSED` after the connection's `dispose()`.
   */
  connect(): this {
    this.#channel.connect();
    return this;
  }

  /** The same as `connect()`. */
  open(): this {
    return this.connect();
  }

  /** Disconnects likewise; listeners stay, and what is emitted waits for `connect()`. */
  disconnect(): this {
    this.#channel.traffic.disconnect(this.#channel);
    return this;
  }

  /** The same as `disconnect()`. */
  close(): this {
    return this.disconnect();
  }

  #warnOfAbsent(member: Parameters<typeof absent>[0]): undefined {
    this.#channel.traffic.parts.log.warnOnce(member, absent(member, "is always undefined"));
  }

  #send(
    event: string,
    args: readonly unknown[],
    timeout?: number,
    onAnswer?: (...values: unknown[]) => void,
    onError?: (error: unknown) => void,
  ): this {
    const flags = this.#flags;
    this.#flags = NO_FLAGS;
    if (RESERVED.has(event))
      throw new ConnectionError("ERR_RESERVED_EVENT", `"${event}" is a reserved event name`);
    this.#channel.outbox.send(event, args, flags, timeout, onAnswer, onError);
    return this;
  }
}
