import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { authenticateToken } from "socket-rotor/server";
import { SECOND } from "./application.js";
import type { Behaviour } from "./schedule.js";

/** Hears what a server sees of its tokens. */
export interface Guest {
  readonly will: Behaviour;
  /** What a token is worth now: a pass, and whom the server takes it for. */
  passOf(token: string): string;
  userOf(pass: string): string | undefined;
  onMessage(number: number, pass: string, line: string): void;
  /** The server has restored the state of an earlier link. */
  onRecovered(earlier: string, token: string): void;
}

interface Data {
  token: string;
  /** What it was worth when the link was let in. */
  pass: string;
}
type ServerSocket = Socket<
  Record<string, never>,
  { news(number: number, label: number): void },
  object,
  Data
>;

class Refusal extends Error {
  constructor(readonly data: { error: string }) {
    super(data.error);
  }
}

const REFUSALS: Partial<Record<Behaviour, string>> = {
  "refuse: retry": "temporarily_unavailable",
  "refuse: refresh": "invalid_token",
  "refuse: logout": "access_denied",
  "refuse: session changed": "session_changed",
};

/** A real Socket.IO server for many schedules, which are told apart by their tokens. */
export class RealServer {
  readonly #http = createServer();
  readonly #io: Server;
  readonly #guests = new Map<string, Guest>();
  #hanging: (() => void)[] = [];

  constructor(hasHalf: boolean) {
    // With the half, the state of a link is not restored.
    this.#io = new Server(this.#http, {
      serveClient: false,
      ...(!hasHalf && { connectionStateRecovery: {} }),
    });
    if (hasHalf) {
      authenticateToken(this.#io, {
        logger: {},
        maxReauthenticationsPerMinute: Number.POSITIVE_INFINITY,
        verify: async (token) => {
          await this.#admit(token);
          const guest = this.#guests.get(token);
          const pass = guest?.passOf(token) ?? token;
          return { subject: guest?.userOf(pass) ?? "", data: { token, pass } };
        },
      });
    }
    for (const namespace of ["/", SECOND]) {
      this.#io.of(namespace).use((socket: ServerSocket, next) => {
        if (hasHalf) return next();
        const token = String(socket.handshake.auth["token"]);
        socket.data.token = token;
        socket.data.pass = token;
        this.#admit(token).then(() => next(), next);
      });
    }
    this.#io.on("connection", (socket: ServerSocket) => this.#follow(socket));
    this.#io.of(SECOND).on("connection", (socket: ServerSocket) => this.#listen(socket));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, "127.0.0.1", resolve));
    const { port } = this.#http.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.release();
    const closed = this.#io.close();
    this.#http.closeAllConnections();
    await closed;
  }

  /** Says whose business a token is. */
  expect(token: string, guest: Guest): void {
    this.#guests.set(token, guest);
  }

  /** The live sockets of a guest's. */
  socketsOf(guest: Guest): ServerSocket[] {
    const all: ServerSocket[] = [...this.#io.of("/").sockets.values()];
    return all.filter(({ data }) => this.#guests.get(data.token) === guest);
  }

  /** Handshakes that hang are answered. */
  release(): void {
    const hanging = this.#hanging;
    this.#hanging = [];
    for (const resolve of hanging) resolve();
  }

  async #admit(token: string): Promise<void> {
    const will = this.#guests.get(token)?.will ?? "refuse: logout";
    if (will === "hang") await new Promise<void>((resolve) => this.#hanging.push(resolve));
    const error = REFUSALS[will];
    if (error !== undefined) throw new Refusal({ error });
  }

  #follow(socket: ServerSocket): void {
    const { token } = socket.data;
    const guest = this.#guests.get(token);
    const { conn } = socket;
    if (socket.recovered) guest?.onRecovered(token, String(socket.handshake.auth["token"]));
    if (guest?.will === "unreachable") conn.close();
    if (guest?.will === "kick") socket.disconnect(true);
    this.#listen(socket);
  }

  #listen(socket: ServerSocket): void {
    const guest = this.#guests.get(socket.data.token);
    const { id } = socket;
    socket.onAny((event, number, done) => {
      if (event === "message") guest?.onMessage(Number(number), socket.data.pass, id);
      if (typeof done === "function") done(number);
    });
  }
}
