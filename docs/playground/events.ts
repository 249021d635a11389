/** What the playground's server and page say to each other. */

/** The two people who can sign in. There is no password: this is a demonstration. */
export const users = ["Ada", "Grace"] as const;

export type User = (typeof users)[number];

export const isUser = (value: unknown): value is User => users.some((user) => user === value);

/** What the server knows about a socket once its token was accepted. */
export interface Welcome {
  user: User;
  socketId: string;
  /** The first eight hex characters of the SHA-256 of the token that the handshake carried. */
  fingerprint: string;
}

export interface Message {
  from: User;
  socketId: string;
  text: string;
}

/** A sign of life each second. `startedAt` tells one run of the server from the next. */
export interface Tick {
  sequence: number;
  startedAt: number;
}

export type Answer = { ok: true } | { ok: false; error: string };

export interface ServerToClient {
  welcome: (welcome: Welcome) => void;
  message: (message: Message) => void;
  tick: (tick: Tick) => void;
}

export interface ClientToServer {
  /** Passed on to everybody, and acknowledged. */
  message: (text: string, answer: (answer: Answer) => void) => void;
  /** Passed on to everybody; nobody waits for an answer. */
  note: (text: string) => void;
}
