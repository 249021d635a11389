import { cookieStorage, type StorageAdapter, webStorage } from "socket-rotor";
import { type StorageHarness, storageContract } from "socket-rotor/testing";
import { describe, test, vi } from "vitest";
import { exportOf } from "../../docs/exports.js";
import { inSimulatedTime } from "./in-simulated-time.js";

const KEY = "accessToken";
/** Where the browser tells nothing, the value is compared so often. */
const pollInterval = 50;

function webHarness(area: "local" | "session"): StorageHarness {
  const storage = area === "local" ? localStorage : sessionStorage;
  const denied = () => {
    throw new DOMException("denied", "SecurityError");
  };
  return {
    adapter: webStorage(KEY, { area, pollInterval }),
    set: (token) => (token === null ? storage.removeItem(KEY) : storage.setItem(KEY, token)),
    setFailing: (isFailing) => {
      vi.restoreAllMocks();
      if (!isFailing) return;
      for (const method of ["getItem", "setItem", "removeItem"] as const) {
        vi.spyOn(Storage.prototype, method).mockImplementation(denied);
      }
    },
    dispose: () => storage.clear(),
  };
}

/** The client is asked for nothing but a refresh. */
const withSupabase = exportOf<(client: object, key: string) => { storage: StorageAdapter }>(
  "docs/auth-clients.md",
  "withSupabase",
);

const harnesses: Record<string, () => StorageHarness> = {
  "the documented adapter for Supabase": () => {
    const { set, ...harness } = webHarness("local");
    return {
      ...harness,
      adapter: withSupabase({}, KEY).storage,
      set: (token) => set(token && JSON.stringify({ access_token: token, refresh_token: "another" })),
    };
  },
  "webStorage, local,": () => webHarness("local"),
  "webStorage, session,": () => webHarness("session"),
  cookieStorage: () => {
    const write = (text: string): void => void Reflect.set(document, "cookie", text);
    const remove = (): void => write(`${KEY}=; Path=/; Max-Age=0`);
    const denied = () => {
      throw new DOMException("denied", "SecurityError");
    };
    return {
      adapter: cookieStorage(KEY, { pollInterval }),
      set: (token) => (token === null ? remove() : write(`${KEY}=${token}; Path=/`)),
      setFailing: (isFailing) => {
        if (isFailing)
          Object.defineProperty(document, "cookie", { configurable: true, get: denied, set: denied });
        else Reflect.deleteProperty(document, "cookie");
      },
      dispose: remove,
    };
  },
};

describe.each(Object.entries(harnesses))("%s keeps the contract:", (_name, create) => {
  for (const { name, run } of storageContract(create))
    test(name, (context) => inSimulatedTime(() => run(context)));
});
