import type { Flaw, User } from "../events.js";

/** Signs in, and returns the access token. The refresh token stays in a cookie that no script can read. */
export async function requestToken(user: User): Promise<string> {
  return tokenIn(
    await post("/auth/login", {
      body: JSON.stringify({ user }),
      headers: { "Content-Type": "application/json" },
    }),
  );
}

/** What the library calls when it needs a fresh token. `null` means signed out; a throw means "could not find out". */
export async function refresh({ signal }: { signal: AbortSignal }): Promise<string | null> {
  const response = await fetch("/auth/refresh", { method: "POST", signal });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The refresh was answered with ${response.status}.`);
  return tokenIn(response);
}

/** Takes the refresh cookie back. */
export async function endSession(): Promise<void> {
  await post("/auth/logout", {});
}

/** Asks the server to misbehave. It knows the caller by the access token, as any API would. */
export async function provoke(what: string, token: string | null): Promise<void> {
  await post(`/demo/${what}`, { headers: authorization(token) });
}

/** Returns an access token of the caller's that the server itself will refuse. */
export async function requestFlawedToken(flaw: Flaw, token: string | null): Promise<string> {
  return tokenIn(
    await post("/demo/token", {
      body: JSON.stringify({ flaw }),
      headers: { "Content-Type": "application/json", ...authorization(token) },
    }),
  );
}

const authorization = (token: string | null): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token}` };

async function post(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, method: "POST" });
  } catch (cause) {
    throw new Error("The server does not answer. Is it running?", { cause });
  }
  if (response.ok) return response;
  throw new Error(`The server refused: ${await reasonIn(response)}`);
}

async function tokenIn(response: Response): Promise<string> {
  const body: unknown = await response.json();
  if (
    typeof body === "object" &&
    body !== null &&
    "accessToken" in body &&
    typeof body.accessToken === "string"
  ) {
    return body.accessToken;
  }
  throw new Error("The server's answer holds no access token.");
}

async function reasonIn(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  return typeof body === "object" && body !== null && "error_description" in body
    ? String(body.error_description)
    : `status ${response.status}`;
}
