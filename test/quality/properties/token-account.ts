import type { Clock, Connection, ConnectionOptions } from "socket-rotor";
import { jwt } from "../../support/tokens.js";
import { type Account, ignore } from "./account.js";
import type { Happening, Setting } from "./schedule.js";
import { WatchedStorage } from "./storage.js";
import { nameOf, type TokenOracle } from "./token-oracle.js";

/** Tokens of three users, which the application stores and refreshes. */
export class TokenAccount implements Account {
  readonly storage: WatchedStorage;
  readonly options: Partial<ConnectionOptions>;
  readonly #setting: Setting;
  readonly #oracle: TokenOracle;
  /** Sets the tokens of one application apart from another's. */
  readonly #name: string;
  #brings: "a token" | "null" | "an error" = "a token";
  /** The token of a sign-in that is being stored. */
  #signingIn: string | undefined;
  #tokens = 0;

  constructor(setting: Setting, oracle: TokenOracle, clock: Clock, patience: number, name = "") {
    this.#setting = setting;
    this.#oracle = oracle;
    this.#name = name;
    this.storage = new WatchedStorage(oracle, setting.storage === "async", clock, patience);
    this.options = {
      rotation: setting.rotation,
      ...(setting.hasRefresh && { refresh: () => this.#refresh() }),
    };
  }

  act(step: Happening, connection: Connection): boolean {
    switch (step.do) {
      case "login":
        this.#login(connection, this.#issue(`user${step.user}`));
        return true;
      case "login again":
        this.#overtake(this.#oracle.content);
        this.storage.reveal();
        ignore(connection.login());
        return true;
      case "logout":
        // Known at once, before the storage is.
        this.#oracle.hasCome(this.#signingIn);
        this.#oracle.stored(null);
        this.#oracle.toldAtOnce();
        ignore(connection.logout());
        return true;
      case "store elsewhere":
        this.storage.set(this.#issue(`user${step.user}`), step.isTold);
        return true;
      case "remove elsewhere":
        this.storage.set(null, step.isTold);
        return true;
      case "signal":
        this.storage.signal();
        return true;
      case "storage":
        this.storage.become(step.is);
        return true;
      case "writes":
        if (step.are === "slow") this.#oracle.doubts();
        this.storage.writeAs(step.are, step.echo);
        return true;
      case "write ends":
        this.storage.endWrite(step.how === "stored");
        return true;
      case "refresh brings":
        this.#brings = step.what;
        return true;
      case "refresh":
        ignore(connection.refresh());
        return true;
      default:
        return false;
    }
  }

  signIn(): void {
    this.storage.set(this.#issue("user0"), true);
  }

  mend(): void {
    this.#brings = "a token";
    this.storage.mend();
  }

  #login(connection: Connection, token: string): void {
    this.#overtake(token);
    this.#signingIn = token;
    this.#oracle.comes(token);
    const end = (): void => {
      if (this.#signingIn === token) this.#signingIn = undefined;
    };
    connection.login(token).then(end, () => {
      this.#oracle.hasCome(token);
      end();
    });
  }

  #overtake(by: string | null): void {
    if (this.#signingIn !== undefined) this.#oracle.overtake(this.#signingIn, by);
  }

  #issue(user: string): string {
    this.#tokens += 1;
    const jti = `${this.#name}${this.#tokens}`;
    const token =
      this.#setting.credential === "jwt" ? jwt({ sub: user, jti, iat: 0, exp: 3_600 }) : `opaque-${jti}`;
    this.#oracle.issue(token, user);
    return token;
  }

  async #refresh(): Promise<string | null> {
    const user = nameOf(this.#oracle.userOf(this.#oracle.content) ?? "user0");
    await Promise.resolve();
    if (this.#brings === "an error") throw new Error("down");
    if (this.#brings === "null") return null;
    const token = this.#issue(user);
    this.#oracle.refreshes(token);
    return token;
  }
}

/** The token that a handshake carries. */
export function tokenOf(auth: object | undefined): string {
  return auth && "token" in auth ? String(auth.token) : "";
}
