import type { ClientName, NetworkFacts } from "../events.js";
import { readSettings } from "./settings.js";

/** The way to the server. */
export interface Route {
  /** Whose network it leads through. */
  client: ClientName | undefined;
  facts: NetworkFacts;
  /** Where the server is, behind it. */
  server: string;
}

/** Where the server is for this client: behind its own network, or at the page's own address. */
let server = location.origin;

/** Asks which port this client's network is at, and mends it if it is cut. To be called once, before anything else. */
export async function openRoute(): Promise<Route> {
  const { client } = readSettings();
  const direct = { port: Number(location.port), up: 0, down: 0, isCut: false };
  if (client === undefined) return { client, facts: direct, server };
  const facts = await changeNetwork(client, { isCut: false });
  server = `${location.protocol}//${location.hostname}:${facts.port}`;
  return { client, facts, server };
}

/** Where the server is for this client. */
export const serverUrl = (): string => server;

/** Signs in, and returns the access token. The refresh token stays in a cookie that no script can read. */
export async function requestToken(user: string): Promise<string> {
  return tokenIn(await call("/auth/login", json({ user })));
}

/** What the library calls when it needs a fresh token. `null` means signed out; a throw means "could not find out". */
export async function refresh({ signal }: { signal: AbortSignal }): Promise<string | null> {
  const response = await fetch(`${server}/auth/refresh`, { method: "POST", credentials: "include", signal });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The refresh was answered with ${response.status}.`);
  return tokenIn(response);
}

/** Takes the refresh cookie back. */
export async function endSession(): Promise<void> {
  await call("/auth/logout", {});
}

/** Begins, changes or ends the session of express-session. Its cookie comes and goes with the answer. */
export async function requestSession(what: string, body = {}): Promise<void> {
  await call(`/session/${what}`, json(body));
}

/** Has the server end one link. */
export async function kick(socketId: string): Promise<void> {
  await call("/demo/kick", json({ socketId }), location.origin);
}

/** Ends every token of a user. The server knows the caller by the access token, as any API would. */
export async function revoke(token: string | null): Promise<void> {
  await call("/demo/revoke", { headers: authorization(token) }, location.origin);
}

/** Returns an access token of the caller's that the server itself will refuse. */
export async function requestExpiredToken(token: string | null): Promise<string> {
  return tokenIn(await call("/demo/token", { headers: authorization(token) }, location.origin));
}

/** Has something happen to everybody. */
export async function changeWorld(what: string): Promise<void> {
  await call(`/world/${what}`, {}, location.origin);
}

/** Changes a network from outside: whatever it is like, this call comes through. */
export async function changeNetwork(
  client: ClientName,
  facts: Partial<NetworkFacts>,
  action = "",
): Promise<NetworkFacts> {
  return (await call(`/network/${client}${action}`, json(facts), location.origin)).json();
}

const json = (body: object) => ({
  body: JSON.stringify(body),
  headers: { "Content-Type": "application/json" },
});

const authorization = (token: string | null): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token}` };

async function call(path: string, init: RequestInit, at = server): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(at + path, { method: "POST", credentials: "include", ...init });
  } catch (cause) {
    throw new Error("The server does not answer. Is it running?", { cause });
  }
  if (response.ok) return response;
  throw new Error(`The server refused: ${await reasonIn(response)}`);
}

async function tokenIn(response: Response): Promise<string> {
  const { accessToken }: { accessToken?: unknown } = Object(await response.json());
  if (typeof accessToken === "string") return accessToken;
  throw new Error("The server's answer holds no access token.");
}

async function reasonIn(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  return typeof body === "object" && body !== null && "error_description" in body
    ? String(body.error_description)
    : `status ${response.status}`;
}
