import { cookieStorage, webStorage } from "socket-rotor";
import { type StorageHarness, storageContract } from "socket-rotor/testing";
import { describe, test, vi } from "vitest";
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

const harnesses: Record<string, () => StorageHarness> = {
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
