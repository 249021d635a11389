import { accessToken, tokenAfter } from "./connection.js";

/** `fetch` with the access token; a 401 is answered by one refresh, and the request is sent once more. */
export async function fetchWithToken(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const send = (token: string | null): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return fetch(url, { ...init, headers });
  };
  const token = accessToken();
  const response = await send(token);
  return response.status === 401 ? send(await tokenAfter(token)) : response;
}
