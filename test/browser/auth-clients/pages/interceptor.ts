import { addInterceptor } from "virtual:docs/refresh.md/addInterceptor";
import axios from "axios";
import { accessToken, connection, tokenAfter } from "../../../../docs/recipes/interceptor/connection.js";
import { fetchWithToken } from "../../../../docs/recipes/interceptor/with-fetch.js";

const api = axios.create({ validateStatus: (status) => status === 200 });
addInterceptor(api, accessToken, tokenAfter);

const page = {
  async signIn(): Promise<void> {
    const response = await fetch("/auth/sign-in", { method: "POST" });
    await connection.login((await response.json()).accessToken);
  },
  state(): string {
    const { status, detail } = connection.getSnapshot();
    return `${status}.${detail}`;
  },
  /** Four requests at once, two by each client; their statuses. */
  ask: () =>
    Promise.all(
      [1, 2].flatMap((number) => [
        fetchWithToken(`/api/${number}`).then(
          ({ status }) => status,
          (error) => error.code,
        ),
        api.get(`/api/${number}`).then(
          ({ status }) => status,
          (error) => error.response?.status ?? error.code,
        ),
      ]),
    ),
};

declare global {
  interface Window {
    interceptor: typeof page;
  }
}
window.interceptor = page;
