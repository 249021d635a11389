import { createConnection, webStorage } from "socket-rotor";

const KEY = "accessToken";

export const accessToken = (): string | null => localStorage.getItem(KEY);

export const connection = createConnection({
  url: location.origin,
  storage: webStorage(KEY),
  // A bare fetch: a client with the interceptor would wait for itself.
  refresh: async ({ signal }) => {
    const response = await fetch("/auth/refresh", { method: "POST", signal });
    if (response.status === 401) return null;
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return (await response.json()).accessToken;
  },
});

/** Another token than the refused one: one call for all requests, for the socket and for all tabs. */
export async function tokenAfter(refused: string | null): Promise<string | null> {
  if (accessToken() === refused) await connection.refresh();
  return accessToken();
}
