import { cookieStorage, webStorage } from "socket-rotor";
import { type StorageHarness, storageContract } from "socket-rotor/testing";
import { describe, test, vi } from "vitest";
import { inSimulatedTime } from "./in-simulated-time.js";

const KEY = "accessToken";
/** Where the browser tells nothing, the value is compared so often. */
const pollInterval = 50;

/** The token inside JSON, beside another field. */
const shape = {
  decode: (text: string): string | null => JSON.parse(text).token,
  encode: (token: string | null, text: string | null) =>
    JSON.stringify({ ...JSON.parse(text ?? "{}"), token }),
};
const asJson = (token: string | null): string => JSON.stringify({ theme: "dark", token });

function webHarness(area: "local" | "session", isJson = false): StorageHarness {
  const storage = area === "local" ? localStorage : sessionStorage;
  const denied = () => {
    throw new DOMException("denied", "SecurityError");
  };
  return {
    adapter: webStorage(KEY, { area, pollInterval, ...(isJson && shape) }),
    set: (token) => {
      if (isJson) storage.setItem(KEY, asJson(token));
      else if (token === null) storage.removeItem(KEY);
      else storage.setItem(KEY, token);
    },
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

function cookieHarness(textOf: (token: string) => string, options = {}): StorageHarness {
  const write = (text: string): void => void Reflect.set(document, "cookie", text);
  const remove = (): void => write(`${KEY}=; Path=/; Max-Age=0`);
  const denied = () => {
    throw new DOMException("denied", "SecurityError");
  };
  return {
    adapter: cookieStorage(KEY, { pollInterval, ...options }),
    set: (token) => (token === null ? remove() : write(`${KEY}=${textOf(token)}; Path=/`)),
    setFailing: (isFailing) => {
      if (isFailing)
        Object.defineProperty(document, "cookie", { configurable: true, get: denied, set: denied });
      else Reflect.deleteProperty(document, "cookie");
    },
    dispose: remove,
  };
}

const harnesses: Record<string, () => StorageHarness> = {
  "webStorage, local,": () => webHarness("local"),
  "webStorage, session,": () => webHarness("session"),
  "webStorage, a token inside JSON,": () => webHarness("local", true),
  cookieStorage: () => cookieHarness((token) => token),
  "cookieStorage, a token inside JSON,": () =>
    cookieHarness((token) => encodeURIComponent(asJson(token)), shape),
};

describe.each(Object.entries(harnesses))("%s keeps the contract:", (_name, create) => {
  for (const { name, run } of storageContract(create))
    test(name, (context) => inSimulatedTime(() => run(context)));
});
