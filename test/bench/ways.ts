import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { ConnectionOptions } from "socket-rotor";
import type { OnEnd } from "../system/fixture/server";
import { rotorClient } from "../system/rotation/fixture/rotor-client";
import type { Client } from "../system/rotation/fixture/traffic";

/** A way of putting another token in force. */
export interface Way {
  name: string;
  /** Whether the server has the server half. */
  hasHalf: boolean;
  open(url: string, options: Options, onEnd: OnEnd): Client;
}

type Options = Partial<ManagerOptions & SocketOptions>;

const PATIENCE = 3_000;

const rotor = (
  name: string,
  rotation: NonNullable<ConnectionOptions["rotation"]>,
  hasHalf: boolean,
): Way => ({
  name,
  hasHalf,
  open: (url, socketOptions, onEnd) => rotorClient({ url, rotation, socketOptions }, onEnd),
});

export const WAYS: readonly Way[] = [
  rotor("reauthenticate", "auto", true),
  rotor("overlap", "overlap", false),
  rotor("replace", "replace", false),
  { name: "by hand: another io()", hasHalf: false, open: anotherIo },
  { name: "by hand: another io(), old closed at connect", hasHalf: false, open: twoAtOnce },
  { name: "by hand: disconnect().connect()", hasHalf: false, open: reconnected },
];

/** Disconnects, and makes another socket, with the listeners put on it again. */
function anotherIo(url: string, options: Options, onEnd: OnEnd): Client {
  let socket: Socket | undefined;
  let onTick: (tick: number) => void = () => {};
  onEnd(async () => void socket?.disconnect());
  return {
    listen(_, listener) {
      onTick = listener;
    },
    rotate(token) {
      socket?.disconnect();
      socket = io(url, { ...options, forceNew: true, auth: { token } });
      socket.on("tick", (tick) => onTick(tick));
    },
    send: (_, id) => acknowledged(socket, id),
  };
}

/** Makes another socket with the listeners put on it, and disconnects the old one when the new one has connected. */
function twoAtOnce(url: string, options: Options, onEnd: OnEnd): Client {
  let socket: Socket | undefined;
  let next: Socket | undefined;
  let onTick: (tick: number) => void = () => {};
  onEnd(async () => {
    socket?.disconnect();
    next?.disconnect();
  });
  return {
    listen(_, listener) {
      onTick = listener;
    },
    rotate(token) {
      const opened = io(url, { ...options, forceNew: true, auth: { token } });
      next = opened;
      opened.on("tick", (tick) => onTick(tick));
      opened.once("connect", () => {
        socket?.disconnect();
        socket = opened;
      });
    },
    send: (_, id) => acknowledged(socket, id),
  };
}

/** One socket whose `auth` function reads the newest token, disconnected and connected again. */
function reconnected(url: string, options: Options, onEnd: OnEnd): Client {
  let current = "";
  const socket = io(url, {
    ...options,
    forceNew: true,
    autoConnect: false,
    auth: (send) => send({ token: current }),
  });
  onEnd(async () => void socket.disconnect());
  return {
    listen: (_, onTick) => void socket.on("tick", onTick),
    rotate(token) {
      current = token;
      socket.disconnect().connect();
    },
    send: (_, id) => acknowledged(socket, id),
  };
}

/** Without a time limit, one that is lost would be waited for without an end. */
function acknowledged(socket: Socket | undefined, id: number): Promise<unknown> {
  return socket
    ? socket.timeout(PATIENCE).emitWithAck("message", id)
    : Promise.reject(new Error("no socket"));
}
