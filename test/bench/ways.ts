import { io, type Socket } from "socket.io-client";
import type { Rotation } from "socket-rotor";
import {
  type Client,
  type ClientOptions,
  openClient,
  PATIENCE,
  untilConnected,
  WEBSOCKET,
} from "./harness/client.js";
import type { Edition } from "./harness/edition.js";

/** A way of bringing another token of the same user to the server. */
export interface Way {
  readonly name: string;
  /** What an edition is told; none where it is done by hand. */
  readonly rotation?: Rotation;
  /** Whether the server has to have the server half. */
  readonly needsServerHalf?: boolean;
  open(options: ClientOptions, edition: Edition | undefined): Client;
}

const byEdition = (name: string, rotation: Rotation, needsServerHalf = false): Way => ({
  name,
  rotation,
  needsServerHalf,
  open: (options, edition) => openClient(edition, { ...options, rotation }),
});

/** What an edition offers. */
export const EDITION_WAYS: readonly Way[] = [
  byEdition("on the same link", "auto", true),
  byEdition("two links", "overlap"),
  byEdition("replace", "replace"),
];

/** What one writes without a library, the usual one first. */
export const BY_HAND: readonly Way[] = [
  { name: "`disconnect().connect()`", open: (options) => openClient(undefined, options) },
  { name: "a new `io()` for each token", open: (options) => newSockets(options, false) },
  {
    name: "a new `io()` first, the old one closed at its `connect`",
    open: (options) => newSockets(options, true),
  },
];

/** Another socket for each token, on which the listeners are put again. */
function newSockets(options: ClientOptions, isOldKept: boolean): Client {
  const { url, transports = WEBSOCKET, patience = PATIENCE } = options;
  const listeners: [string, (...args: unknown[]) => void][] = [];
  const make = (token: string): Socket => {
    const made = io(url, { forceNew: true, transports: [...transports], auth: { token } });
    for (const [event, listener] of listeners) made.on(event, listener);
    return made;
  };
  let current = make(options.token);
  return {
    connect: () => void current.connect(),
    untilConnected: () => untilConnected(current),
    emit: (event, ...args) => void current.emit(event, ...args),
    ask: (event, ...args) => current.timeout(patience).emitWithAck(event, ...args),
    on(event, listener) {
      listeners.push([event, listener]);
      current.on(event, listener);
    },
    async rotate(token) {
      const old = current;
      if (!isOldKept) old.disconnect();
      const next = make(token);
      if (!isOldKept) current = next;
      await untilConnected(next);
      current = next;
      old.disconnect();
    },
    close: () => void current.disconnect(),
  };
}
