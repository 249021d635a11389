/** What the playground's server and page say to each other. */

/** The two people who can sign in. There is no password: this is a demonstration. */
export const users = ["Ada", "Grace"] as const;

export type User = (typeof users)[number];

export const isUser = (value: unknown): value is User => users.some((user) => user === value);

/** The clients that have a network of their own between them and the server. */
export const clientNames = ["a", "b", "c"] as const;

export type ClientName = (typeof clientNames)[number];

export const isClientName = (value: unknown): value is ClientName =>
  clientNames.some((name) => name === value);

/** What the server says of such a network. Delays are one way, in milliseconds. */
export interface NetworkFacts {
  port: number;
  up: number;
  down: number;
  /** Whether nothing comes through, and nobody is told. */
  isCut: boolean;
}

/** Where Socket.IO is: on a server with the server half, on one without, and on one for sessions in cookies. */
export const socketPaths = {
  half: "/socket.io/",
  plain: "/plain/socket.io/",
  session: "/session/socket.io/",
};

/** What the server knows about a socket, by its current token or session. */
export interface Known {
  user: User;
  socketId: string;
  /** The first eight hex characters of the SHA-256 of that token; empty where there is none. */
  fingerprint: string;
  /** The number of the node that the socket is on, where there are several. */
  node?: number;
}

export interface Message {
  from: User;
  socketId: string;
  text: string;
}

/** Every how many milliseconds the server gives a sign of life, so that a gap of a few hundredths is seen. */
export const TICK = 20;

/** A sign of life. `startedAt` tells one run of the server from the next. */
export interface Tick {
  sequence: number;
  startedAt: number;
}

export type Answer = { ok: true } | { ok: false; error: string };

export interface ServerToClient {
  message: (message: Message) => void;
  tick: (tick: Tick) => void;
}

export interface ClientToServer {
  /** Asks what the server knows: a token that takes effect on the same link brings no event. */
  whoAmI: (answer: (known: Known) => void) => void;
  /** Passed on to everybody, and acknowledged. */
  message: (text: string, answer: (answer: Answer) => void) => void;
  /** Passed on to everybody; nobody waits for an answer. */
  note: (text: string) => void;
}
