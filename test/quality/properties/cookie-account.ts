import { type Connection, sessionCookie } from "socket-rotor";
import { type Account, ignore } from "./account.js";
import { delayWords } from "./browser.js";
import type { CookieOracle } from "./cookie-oracle.js";
import { WatchedMarker } from "./marker.js";
import type { Happening } from "./schedule.js";
import type { Sessions } from "./sessions.js";

/** A session whose cookie no script can read: who signs in or out does so by a form, and then tells the tabs. */
export class CookieAccount implements Account {
  readonly storage: WatchedMarker;
  readonly options = {};
  readonly #oracle: CookieOracle;
  readonly #sessions: Sessions;
  /** The same page in another tab. */
  readonly #elsewhere = sessionCookie();
  readonly #closeElsewhere: () => void;
  #signIns = 0;

  constructor(oracle: CookieOracle, sessions: Sessions) {
    this.#oracle = oracle;
    this.#sessions = sessions;
    this.storage = new WatchedMarker(oracle);
    this.#closeElsewhere = this.#elsewhere.subscribe(() => {});
  }

  act(step: Happening, connection: Connection): boolean {
    switch (step.do) {
      case "login":
        this.signIn(connection, `user${step.user}`);
        return true;
      case "login again":
        ignore(connection.login());
        return true;
      case "logout":
        this.#sessions.end();
        // Known at once, before the storage is.
        this.#oracle.stored(null);
        this.#oracle.toldAtOnce();
        ignore(connection.logout());
        return true;
      case "store elsewhere":
        this.#sessions.begin(`user${step.user}`);
        this.#signIns += 1;
        this.#write(`elsewhere ${this.#signIns}`, step.isTold);
        return true;
      case "remove elsewhere":
        this.#sessions.end();
        this.#write(null, step.isTold);
        return true;
      case "signal":
        this.storage.signal();
        return true;
      case "storage":
        this.storage.isDown = step.is !== "up";
        return true;
      case "session changes":
        this.#sessions.begin(`user${step.user}`, step.isCookieLate);
        return true;
      case "session ends":
        this.#sessions.end();
        return true;
      case "cookie arrives":
        this.#sessions.cookieArrives();
        return true;
      default:
        return false;
    }
  }

  signIn(connection: Connection, user = "user0"): void {
    this.#sessions.begin(user);
    ignore(connection.login());
  }

  mend(): void {
    this.storage.isDown = false;
    this.#sessions.cookieArrives();
    this.storage.signal();
  }

  /** The other tab goes as well. */
  close(): void {
    this.#closeElsewhere();
  }

  /** Before any tab hears of it, it can be read. */
  #write(marker: string | null, isTold: boolean): void {
    this.#oracle.stored(marker);
    const write = (): unknown => this.#elsewhere.write?.(marker);
    if (isTold) write();
    else delayWords(write);
  }
}
