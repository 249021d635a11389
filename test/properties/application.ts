import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type EnvironmentSignal,
} from "socket-rotor";
import { jwt } from "../tokens.js";
import type { Judge } from "./judge.js";
import type { Happening, Setting } from "./schedule.js";
import { WatchedStorage } from "./storage.js";

/** The application's side of a schedule: a connection, its storage, and whoever uses them. */
export class Application {
  readonly connection: Connection;
  readonly storage: WatchedStorage;
  readonly #setting: Setting;
  readonly #judge: Judge;
  readonly #environment = new Set<(signal: EnvironmentSignal) => void>();
  #brings: "a token" | "null" | "an error" = "a token";
  #tokens = 0;
  /** Sets the tokens of one application apart from another's. */
  readonly #name: string;

  constructor(
    setting: Setting,
    judge: Judge,
    options: Pick<ConnectionOptions, "url"> & Partial<ConnectionOptions>,
    name = "",
  ) {
    this.#setting = setting;
    this.#judge = judge;
    this.#name = name;
    this.storage = new WatchedStorage(judge, setting.storage === "async");
    this.connection = createConnection({
      storage: this.storage,
      logger: {},
      rotation: setting.rotation,
      reconnectionAttempts: setting.reconnectionAttempts,
      environment: {
        subscribe: (onSignal) => {
          this.#environment.add(onSignal);
          return () => {
            this.#environment.delete(onSignal);
          };
        },
      },
      ...(setting.hasRefresh && { refresh: () => this.#refresh() }),
      ...options,
    });
    this.connection.socket.on("news", (number: number, token: string) =>
      judge.guard(() => judge.delivered(number, token)),
    );
  }

  /** How many still listen to what surrounds the application. */
  get listeners(): number {
    return this.#environment.size + this.storage.listeners;
  }

  /** A new token of a user's. */
  issue(user: string): string {
    this.#tokens += 1;
    const jti = `${this.#name}${this.#tokens}`;
    const token =
      this.#setting.tokens === "jwt" ? jwt({ sub: user, jti, iat: 0, exp: 3_600 }) : `opaque-${jti}`;
    this.#judge.issue(token, user);
    return token;
  }

  async #refresh(): Promise<string | null> {
    const user = this.#judge.userOf(this.#judge.content) ?? "user0";
    await Promise.resolve();
    if (this.#brings === "an error") throw new Error("down");
    return this.#brings === "null" ? null : this.issue(user);
  }

  /** Does what the application does; false for what is the server's or time's to do. */
  act(step: Happening): boolean {
    const { socket } = this.connection;
    switch (step.do) {
      case "login":
        ignore(this.connection.login(this.issue(`user${step.user}`)));
        return true;
      case "login again":
        ignore(this.connection.login());
        return true;
      case "logout":
        // Known at once, before the storage is.
        this.#judge.stored(null);
        this.#judge.toldAtOnce();
        ignore(this.connection.logout());
        return true;
      case "store elsewhere":
        this.storage.set(this.issue(`user${step.user}`));
        return true;
      case "remove elsewhere":
        this.storage.set(null);
        return true;
      case "signal":
        this.storage.signal();
        return true;
      case "storage":
        this.storage.become(step.is);
        return true;
      case "refresh brings":
        this.#brings = step.what;
        return true;
      case "connect":
        this.connection.connect();
        return true;
      case "disconnect":
        this.connection.disconnect();
        return true;
      case "refresh":
        ignore(this.connection.refresh());
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
      case "network":
        for (const tell of [...this.#environment]) tell(step.signal);
        return true;
      default:
        return false;
    }
  }

  /** Whatever has failed works again. */
  mend(): void {
    this.#brings = "a token";
    this.storage.become("up");
  }
}

/** What a command answers is the business of other tests. */
function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {});
}

/** The token that a handshake carries. */
export function tokenOf(auth: object | undefined): string {
  return auth && "token" in auth ? String(auth.token) : "";
}
