import { createConnection, sessionCookie } from "socket-rotor";

interface ClientToServer {
  whoami(answer: (userId?: string) => void): void;
}

/** The server's origin, which is not the page's. */
const api = document.documentElement.dataset["api"] ?? "";

const connection = createConnection<Record<string, never>, ClientToServer>({
  url: api,
  storage: sessionCookie({ keepAliveUrl: `${api}/session/keep-alive` }),
});

/** `include` sends the cookie to another origin, and keeps the one that is set. The socket does so by itself. */
async function post(path: string, body: object = {}): Promise<void> {
  const response = await fetch(api + path, {
    method: "POST",
    credentials: "include",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer(); // to its end: by then express-session has stored the session
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
}

function find<T extends Element>(selector: string, type: new () => T): T {
  const element = document.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`The page has no ${selector}.`);
}
const status = find("[role=status]", HTMLElement);
const alert = find("[role=alert]", HTMLElement);
const form = find("form", HTMLFormElement);

function attempt(work: Promise<void>): void {
  alert.textContent = "";
  work.catch((error: unknown) => {
    alert.textContent = String(error); // nothing has changed: offer to try again
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  form.reset();
  attempt(post("/sign-in", fields).then(() => connection.login())); // every tab makes a new handshake
});
find("#sign-out", HTMLButtonElement).addEventListener("click", () => {
  attempt(post("/sign-out").then(() => connection.logout())); // every tab is signed out
});

async function showStatus(): Promise<void> {
  status.textContent = connection.status;
  if (connection.status !== "connected") return;
  status.textContent = `connected as ${await connection.socket.emitWithAck("whoami")}`;
}
connection.subscribe(() => void showStatus().catch(() => {}));
void showStatus().catch(() => {});
