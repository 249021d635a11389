// The page: a connection that follows the token in localStorage, by an edition or by hand.
import { io } from "socket.io-client";
import { createConnection, webStorage } from "socket-rotor";

const KEY = "accessToken";

export interface PageApi {
  /** Opens the connection. */
  open(isByHand: boolean): void;
  /** Writes as code does that knows of no connection. Both answer with the time just before, epoch milliseconds. */
  write(token: string): number;
  /** Writes as code does that knows of it. */
  login(token: string): number;
}

declare global {
  interface Window {
    bench: PageApi;
  }
}

const now = (): number => performance.timeOrigin + performance.now();
let login: (token: string) => void = () => {};

function openByHand(): void {
  const read = (): string | null => localStorage.getItem(KEY);
  const socket = io({ transports: ["websocket"], auth: (send) => send({ token: read() }) });
  const rotate = (): void => void socket.disconnect().connect();
  addEventListener("storage", ({ key }) => {
    if (key === KEY) rotate();
  });
  login = (token) => {
    localStorage.setItem(KEY, token);
    rotate();
  };
}

function openByEdition(): void {
  const connection = createConnection({
    url: location.origin,
    storage: webStorage(KEY),
    socketOptions: { transports: ["websocket"] },
  });
  login = (token) => void connection.login(token);
}

window.bench = {
  open: (isByHand) => (isByHand ? openByHand() : openByEdition()),
  write(token) {
    const begun = now();
    localStorage.setItem(KEY, token);
    return begun;
  },
  login(token) {
    const begun = now();
    login(token);
    return begun;
  },
};
