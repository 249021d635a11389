import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { drain, revoke, TokenError } from "socket-rotor/server";
import { TICK, type User } from "../events.js";
import { converse } from "./conversation.js";
import { type Node, type NodeRules, startHalf, startPlain, startSession } from "./nodes.js";
import { subjectOf } from "./tokens.js";

/** Over how long clients come back after a drain. */
const DRAIN_WITHIN = 3_000;

export interface Sockets {
  /** The Socket.IO server that a request is for, if it is for one. */
  nodeFor(request: IncomingMessage): Node | undefined;
  /** Disconnects a socket, on any node, as a server does that has had enough; without one, everybody on this node. */
  kick(socketId?: string): void;
  /** Lets nobody in for a while, as a server does that is overloaded. */
  refuseFor(milliseconds: number): void;
  /** Ends every token that a user has now. */
  revoke(user: User): Promise<void>;
  /** Sends everybody away, and puts a new server in the old one's place. */
  drain(): Promise<void>;
  /** Begins anew after `stop`. It knows nothing of before, as a process that was restarted. */
  start(): void;
  /** Ends every connection. */
  stop(): Promise<void>;
}

/** The Socket.IO side: a server with the server half, one without, and one for sessions. */
export function serveSockets(
  {
    node: number,
    ...rules
  }: Omit<NodeRules, "onSocket" | "refusal"> & {
    /** The number of this node, where there are several. */
    node: number | undefined;
  },
  session: RequestHandler,
): Sockets {
  let startedAt = Date.now();
  let sequence = 0;
  let busyUntil = 0;
  let half: Node;
  let plain: Node;
  let sessions: Node;
  let ticking: NodeJS.Timeout | undefined;

  const all = () => [half, plain, sessions];
  const refusal = () => {
    const retryAfter = busyUntil - Date.now();
    if (retryAfter <= 0) return undefined;
    return new TokenError("temporarily_unavailable", "The server is busy. Try again later.", { retryAfter });
  };
  const allRules: NodeRules = {
    ...rules,
    refusal,
    async verify(token) {
      const refused = refusal();
      if (refused !== undefined) throw refused;
      return rules.verify(token);
    },
    onSocket: (socket) =>
      converse(
        socket,
        (message) => {
          for (const { io } of all()) io.emit("message", message);
        },
        number,
      ),
  };

  const tick = () => {
    sequence += 1;
    for (const { io } of all()) io.local.emit("tick", { sequence, startedAt });
  };
  const start = () => {
    half = startHalf(allRules);
    plain = startPlain(allRules);
    sessions = startSession(allRules, session);
    startedAt = Date.now();
    sequence = 0;
    ticking = setInterval(tick, TICK);
  };
  const kick = (socketId?: string): void => {
    for (const { io } of all()) {
      (socketId === undefined ? io.local : io.in(socketId)).disconnectSockets(true);
    }
  };

  start();
  return {
    nodeFor: (request) => all().find((node) => node.takes(request)),
    kick,
    refuseFor(milliseconds) {
      busyUntil = Date.now() + milliseconds;
    },
    async revoke(user) {
      const reason = new TokenError("access_denied", "Every token of this user was revoked.");
      await revoke(half.io, { subject: subjectOf(user) }, reason);
      plain.io.in(user).disconnectSockets(true);
    },
    async drain() {
      const old = [half, sessions];
      half = startHalf(allRules);
      sessions = startSession(allRules, session);
      plain.io.local.disconnectSockets(true);
      await Promise.all(
        old.map(async ({ io, close }) => {
          await drain(io, { within: DRAIN_WITHIN });
          await close();
        }),
      );
    },
    start,
    async stop() {
      clearInterval(ticking);
      await Promise.all(all().map(({ close }) => close()));
    },
  };
}
