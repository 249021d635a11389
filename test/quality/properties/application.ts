import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type EnvironmentSignal,
  isConnectionError,
} from "socket-rotor";
import type { Account } from "./account.js";
import type { Oracle } from "./oracle.js";
import type { Happening, Setting } from "./schedule.js";

/** What the application uses beside the primary namespace. */
export const SECOND = "/second";

/** The application's side of a schedule: a connection, the users who sign in, and what they send. */
export class Application {
  readonly connection: Connection;
  readonly account: Account;
  readonly #oracle: Oracle;
  readonly #environment = new Set<(signal: EnvironmentSignal) => void>();
  /** One a namespace. */
  readonly sockets: readonly Connection["socket"][];
  /** How to reply to what the server has asked. */
  #replies: ((number: number) => void)[] = [];

  constructor(
    setting: Setting,
    oracle: Oracle,
    account: Account,
    options: Pick<ConnectionOptions, "url"> & Partial<ConnectionOptions>,
  ) {
    this.#oracle = oracle;
    this.account = account;
    this.connection = createConnection({
      storage: account.storage,
      logger: {},
      reconnectionAttempts: setting.reconnectionAttempts,
      environment: {
        subscribe: (onSignal) => {
          this.#environment.add(onSignal);
          return () => {
            this.#environment.delete(onSignal);
          };
        },
      },
      ...account.options,
      ...options,
    });
    const { socket } = this.connection;
    this.sockets = setting.namespaces === 1 ? [socket] : [socket, this.connection.of(SECOND)];
    for (const each of this.sockets) {
      each.on("news", (number: number, label: number) =>
        oracle.guard(() => oracle.heard(number, label, each.connected)),
      );
      each.on("question", (reply: (number: number) => void) => this.#replies.push(reply));
    }
  }

  /** How many still listen to what surrounds the application. */
  get listeners(): number {
    return this.#environment.size + this.account.storage.listeners;
  }

  /** Does what the application does; false for what is the server's or time's to do. */
  act(step: Happening): boolean {
    switch (step.do) {
      case "connect":
        this.connection.connect();
        return true;
      case "disconnect":
        this.connection.disconnect();
        return true;
      case "emit":
        this.#emit(this.#oracle.emits(false));
        return true;
      case "emitWithAck": {
        const number = this.#oracle.emits(true);
        this.#socketFor(number)
          .emitWithAck("message", number)
          .then(
            () => this.#oracle.settled(number),
            (error: unknown) => {
              this.#oracle.settled(number);
              if (!isConnectionError(error, "ERR_IDENTITY_CHANGED")) return;
              this.#oracle.guard(() => this.#oracle.dropped(number));
            },
          );
        return true;
      }
      case "replies":
        for (const reply of this.#replies.splice(0)) reply(this.#oracle.emits(false));
        return true;
      case "network":
        for (const tell of [...this.#environment]) tell(step.signal);
        return true;
      default:
        return this.account.act(step, this.connection);
    }
  }

  #emit(number: number): void {
    this.#socketFor(number).emit("message", number);
  }

  /** By turns in one namespace and in the other. */
  #socketFor(number: number): Connection["socket"] {
    return this.sockets[number % this.sockets.length] ?? this.connection.socket;
  }

  /** Somebody signs in. */
  signIn(): void {
    this.account.signIn(this.connection);
  }
}
