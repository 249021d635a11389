import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type EnvironmentSignal,
} from "socket-rotor";
import type { Account } from "./account.js";
import type { Judge } from "./judge.js";
import type { Happening, Setting } from "./schedule.js";

/** The application's side of a schedule: a connection, whoever signs in, and what they send. */
export class Application {
  readonly connection: Connection;
  readonly account: Account;
  readonly #judge: Judge;
  readonly #environment = new Set<(signal: EnvironmentSignal) => void>();
  /** How to reply to what the server has asked. */
  #replies: ((number: number) => void)[] = [];

  constructor(
    setting: Setting,
    judge: Judge,
    account: Account,
    options: Pick<ConnectionOptions, "url"> & Partial<ConnectionOptions>,
  ) {
    this.#judge = judge;
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
    this.connection.socket.on("news", (number: number, label: number) =>
      judge.guard(() => judge.heard(number, label, this.connection.socket.connected)),
    );
    this.connection.socket.on("question", (reply: (number: number) => void) => this.#replies.push(reply));
  }

  /** How many still listen to what surrounds the application. */
  get listeners(): number {
    return this.#environment.size + this.account.storage.listeners;
  }

  /** Does what the application does; false for what is the server's or time's to do. */
  act(step: Happening): boolean {
    const { socket } = this.connection;
    switch (step.do) {
      case "connect":
        this.connection.connect();
        return true;
      case "disconnect":
        this.connection.disconnect();
        return true;
      case "emit":
        socket.emit("message", this.#judge.emits(false));
        return true;
      case "emitWithAck": {
        const number = this.#judge.emits(true);
        const settled = (): void => this.#judge.settled(number);
        socket.emitWithAck("message", number).then(settled, settled);
        return true;
      }
      case "replies":
        for (const reply of this.#replies.splice(0)) reply(this.#judge.emits(false));
        return true;
      case "network":
        for (const tell of [...this.#environment]) tell(step.signal);
        return true;
      default:
        return this.account.act(step, this.connection);
    }
  }

  /** Somebody signs in. */
  signIn(): void {
    this.account.signIn(this.connection);
  }
}
