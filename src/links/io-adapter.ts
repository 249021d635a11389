import type { Verdict } from "../../machines/index.js";
import type { ConnectionError } from "../errors.js";

/**
 * What opens links. A *link* is one Socket.IO handshake with its sockets for all namespaces in use: made for one
 * token, never used for another user, and never reconnecting by itself, as the statechart decides about that.
 *
 * Write one to test without a network (or take `fakeIo()` from `socket-rotor/testing`), or to carry Socket.IO
 * over something else.
 */
export interface IoAdapter {
  /**
   * Opens a link and reports what becomes of it, at the earliest within this call. Never throws for a server that
   * cannot be reached.
   */
  open(request: LinkRequest, report: (event: LinkEvent) => void): Link;
}

/** What a link is opened with. */
export interface LinkRequest {
  /** The link's number, which goes up. */
  link: number;
  /**
   * The `auth` payload of a CONNECT packet, asked for at the moment of sending it; `null` when the token is not
   * current any more, and then nothing may be sent.
   */
  credential(): object | null;
  /** Headers of the handshake, where the application chose some; browsers ignore them on websockets. */
  headers?: Readonly<Record<string, string>>;
  /** The namespaces to join; the first is the primary one, and the link is connected when it is. */
  namespaces: readonly string[];
  /** What an earlier link of the same token left behind for Socket.IO's connection state recovery. */
  recovery?: Recovery;
}

/** What is needed to recover the state of a dropped link, by namespace. */
export type Recovery = ReadonlyMap<string, { pid: string; offset: string | undefined }>;

/**
 * What a link reports. After `refused`, `failed` or `disconnected` it is of no more use.
 *
 * `ready` follows `connected`, once: what the server half said of itself; `reauthenticate: false` and nothing else
 * where there is none. It comes again, with a shorter `expiresIn`, when the server wants a newer token before that. `expiresIn` is the token's remaining life in milliseconds, `identity` the server's own word for
 * the user, which is the same for the same user. `retryAfter` is how long the server asks to be left alone, in
 * milliseconds. A number that is no time, negative, not finite or of another type, counts as left out, and so does a
 * `retryAfter` of more than a year; an unknown verdict counts as `retry`.
 */
export type LinkEvent =
  | { type: "connected" }
  | { type: "ready"; reauthenticate: boolean; expiresIn?: number; identity?: string }
  | { type: "refused"; verdict: Verdict; error: ConnectionError; retryAfter?: number }
  | { type: "failed"; error: ConnectionError }
  | { type: "disconnected"; verdict: Verdict; error: ConnectionError; reason: string; retryAfter?: number };

/** How a server answered to another token on the same link. */
export type ReauthenticationAnswer =
  | { ok: true; expiresIn?: number }
  | {
      ok: false;
      /** `replace`: the server does not take it on this link. */
      verdict: Verdict | "replace";
      error: ConnectionError;
      /** The server says that the token is another user's than the link. */
      isOtherUser?: boolean;
      retryAfter?: number;
    };

/** One handshake and what came of it. */
export interface Link {
  /**
   * The link's socket for a namespace, which is joined when it was not yet, or was left. It connects later, never
   * within this call.
   */
  socket(namespace: string): LinkSocket;
  /**
   * Asks the server to take another token of the same user on this link, for all of its namespaces. Never rejects;
   * when the signal aborts, the answer does not matter any more. Called only after a `ready` that offers it.
   *
   * @param headers - Those of the newer token, where the application chose some: for the requests that this link still
   *   makes once the server has taken the token.
   */
  reauthenticate(
    credential: object,
    signal: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ReauthenticationAnswer>;
  /** Resolves when the server has read everything that was written, or when the signal aborts. Never rejects. */
  settle(signal: AbortSignal): Promise<void>;
  /**
   * Calls the listener with the name of the transport, such as `"websocket"`: once it is known, and after each upgrade.
   * Optional: it is for `getSnapshot().transport`, which a link without it leaves out.
   */
  watchTransport?(listener: (name: string) => void): void;
  /** What a later link of the same token may recover; `undefined` where this one never connected. */
  recovery(): Recovery | undefined;
  /** Ends the link at once; nothing is reported or delivered from then on. */
  close(): void;
}

/** A message as the application emitted it. */
export interface Message {
  event: string;
  args: readonly unknown[];
  /** Called with what the server acknowledges. */
  onAck?: (...values: unknown[]) => void;
  /** `false` where the application asked that it is not compressed. */
  compress?: boolean;
}

/** What a link's socket tells the one who uses it. */
export interface LinkSocketListener {
  onConnect(): void;
  /**
   * An event with its arguments; a function as the last one acknowledges. `onDelivered` comes with a packet that can be
   * recovered, whose last argument is its id. It is called when the application has got that packet, which may be later,
   * or never: what a link offers for recovery begins after the last one that it has got. What another link of the same
   * user has brought under that id counts once.
   */
  onEvent(event: string, args: unknown[], onDelivered?: () => void): void;
  /** The server let this namespace go, and the link stays. */
  onDisconnect(reason: string): void;
  /** The server refused this namespace, and the link stays. `isFinal`: not worth asking again with this token. */
  onRefused(error: ConnectionError, isFinal: boolean): void;
}

/** One namespace of a link, described by the few things that are needed of it. */
export interface LinkSocket {
  readonly id: string | undefined;
  readonly isConnected: boolean;
  readonly isRecovered: boolean;
  /** Whether a message that is written now leaves at once; a volatile one is lost otherwise. */
  readonly isWritable: boolean;
  /**
   * Says who listens: told at once where the namespace is connected, and then what has come in before, once.
   * `undefined` ends it.
   */
  listen(listener: LinkSocketListener | undefined): void;
  /** Writes a message; `false` when it could not be written and may be sent on another link. */
  write(message: Message): boolean;
  /** Leaves this namespace, or does not join it after all; the link stays. */
  leave(): void;
}
