import { piniaStorage, useAuth } from "virtual:docs/storage-adapters.md/piniaStorage";
import { reduxStorage, store } from "virtual:docs/storage-adapters.md/reduxStorage";
import { auth, zustandStorage } from "virtual:docs/storage-adapters.md/zustandStorage";
import { createPinia } from "pinia";
import persistedState from "pinia-plugin-persistedstate";
import { createConnection, type StorageAdapter } from "socket-rotor";
import { createApp } from "vue";

interface Store {
  storage: StorageAdapter;
  state(): { token: string | null; theme: string };
  setTheme(theme: string): void;
}
const stores: Record<string, () => Store> = {
  zustand: () => ({
    storage: zustandStorage,
    state: () => auth.getState(),
    setTheme: (theme) => auth.setState({ theme }),
  }),
  redux: () => ({
    storage: reduxStorage,
    state: () => store.getState(),
    setTheme: (theme) => store.dispatch({ type: "theme", theme }),
  }),
  pinia() {
    const pinia = createPinia();
    pinia.use(persistedState);
    createApp({}).use(pinia);
    const state = useAuth();
    return {
      storage: piniaStorage(state),
      state: () => state,
      setTheme(theme) {
        state.theme = theme;
      },
    };
  },
};

const name = new URLSearchParams(location.search).get("store") ?? "";
const made = stores[name]?.();
if (!made) throw new Error(`There is no store "${name}".`);

const labelOf = (token: string | null): string => {
  if (token === null) return "nobody";
  const { label }: { label: string } = JSON.parse(
    atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")),
  );
  return label;
};
const ask = async (path: string): Promise<string> => {
  const response = await fetch(path, { method: "POST" });
  return (await response.json()).accessToken;
};
const connection = createConnection({
  url: location.origin,
  storage: made.storage,
  refresh: () => ask("/auth/refresh"),
  socketOptions: { transports: ["websocket"] },
});
const page = {
  signIn: async () => connection.login(await ask("/auth/sign-in")),
  signOut: () => connection.logout(),
  refresh: () => connection.refresh(),
  setTheme: (theme: string) => made.setTheme(theme),
  /** What the store of this tab has, and the state of the connection. */
  state: () => `${labelOf(made.state().token)}, ${made.state().theme}, ${connection.status}`,
};

declare global {
  interface Window {
    store: typeof page;
  }
}
window.store = page;
