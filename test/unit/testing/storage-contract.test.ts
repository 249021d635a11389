import { fromSubscription, memoryStorage, type StorageAdapter } from "socket-rotor";
import { type StorageHarness, storageContract } from "socket-rotor/testing";
import { describe, expect, test, vi } from "vitest";
import { exportOf } from "../../docs/exports.js";
import { asyncStore } from "../credential/async-store.js";
import { firebaseLike, fromSupabaseLike, supabaseLike } from "../credential/auth-clients.js";
import { brokenRules, QUIET } from "./broken-rules.js";
import { faultyStorages, store } from "./faulty-storages.js";
import { inSimulatedTime } from "./in-simulated-time.js";

const DOCUMENT = "docs/storage-adapters.md";

const ours: Record<string, () => StorageHarness> = {
  memoryStorage() {
    const adapter = memoryStorage();
    return { adapter, set: (token) => adapter.write(token) };
  },
  "memoryStorage that begins with a token"() {
    const adapter = memoryStorage("from the start");
    return { adapter, set: (token) => adapter.write(token) };
  },
  fromSubscription() {
    const { get, set, listen, listeners, setFailing } = store();
    const read = () => get() ?? undefined;
    const adapter = fromSubscription({ read, write: set, subscribe: listen });
    return { adapter, set, setFailing, listeners: () => listeners.size };
  },
  "fromSubscription over a client that is asked, and cannot be written"() {
    const { get, set, listen, setFailing } = store();
    const subscribe = (listener: () => void) => [{ unsubscribe: listen(listener) }];
    return { adapter: fromSubscription({ read: async () => get(), subscribe }), set, setFailing };
  },
  "fromSubscription over a client that waits for what its callbacks promise"() {
    const client = supabaseLike(null);
    return {
      adapter: fromSupabaseLike(client),
      set: (token) => client.set(token),
      listeners: () => client.subscriptions,
      setFailing: (isFailing) => {
        client.error = isFailing ? new Error("fetch failed") : null;
      },
    };
  },
  "the documented adapter for Supabase"() {
    const { get, set, setFailing } = store();
    const withSupabase = exportOf<(client: object, key: string) => { storage: StorageAdapter }>(
      "docs/auth-clients.md",
      "withSupabase",
    );
    vi.stubGlobal("localStorage", { getItem: get });
    return {
      adapter: withSupabase({}, "sb-test-auth-token").storage,
      setFailing,
      set: (token) =>
        set(token === null ? null : JSON.stringify({ access_token: token, refresh_token: "another" })),
    };
  },
  "the documented adapter for Firebase"() {
    const client = firebaseLike();
    const withFirebase = exportOf<(auth: typeof client) => { storage: StorageAdapter }>(
      "docs/auth-clients.md",
      "withFirebase",
    );
    client.set(null);
    return {
      adapter: withFirebase(client).storage,
      listeners: () => client.subscriptions,
      set: (token) => client.set(token === null ? null : async () => token),
    };
  },
};
for (const name of ["fromAsyncStorage", "fromSecureStore"]) {
  ours[`the documented adapter ${name}`] = () => {
    const client = asyncStore();
    const from = exportOf<(given: typeof client, key: string) => StorageAdapter>(DOCUMENT, name);
    const { read } = client;
    const fail = () => Promise.reject(new Error("the keychain is locked"));
    return {
      adapter: from(client, "token"),
      isSilent: true,
      set: (token) => (token === null ? client.removeItem("token") : client.setItem("token", token)),
      setFailing: (isFailing) => {
        client.read = isFailing ? fail : read;
        client.fails = isFailing;
      },
    };
  };
}

describe.each(Object.keys(ours))("%s keeps the contract:", (name) => {
  for (const rule of storageContract(ours[name] ?? expect.fail))
    test(rule.name, () => inSimulatedTime(() => rule.run(QUIET)));
});

test.each(faultyStorages)(
  "a storage that $what breaks its rules, and no other",
  async ({ create, breaks }) => {
    const broken = await inSimulatedTime(() => brokenRules(storageContract(create)));
    expect([...broken.keys()].sort()).toEqual([...breaks].sort());
    for (const [name, message] of broken) {
      expect(message).toMatch(`The storage contract is broken: "${name}". `);
      // What happened, and then what to do.
      expect(message.slice(message.indexOf(name) + name.length + 3)).toMatch(/[^.]+\. [A-Z].*\.$/);
    }
  },
);

test("every rule is broken by some adapter", () => {
  const shown = new Set(faultyStorages.flatMap(({ breaks }) => breaks));
  const rules = storageContract(() => expect.fail("not run")).map(({ name }) => name);
  expect(rules.filter((name) => !shown.has(name))).toEqual([]);
});

test("a storage that signals all the time, and tells a change three times, keeps the contract", async () => {
  const timers = new Set<ReturnType<typeof setInterval>>();
  const rules = storageContract(() => {
    const { get, set, listen, setFailing } = store();
    const adapter: StorageAdapter = {
      read: async () => get(),
      write: set,
      subscribe(listener) {
        const timer = setInterval(listener, 1);
        timers.add(timer);
        const ends = [listen(listener), listen(listener), listen(listener)];
        return () => {
          clearInterval(timer);
          for (const end of ends) end();
        };
      },
    };
    return { adapter, set, setFailing };
  });
  expect(await inSimulatedTime(() => brokenRules(rules))).toEqual(new Map());
  for (const timer of timers) clearInterval(timer);
});

test("a harness is made for each rule, and disposed of when the rule is broken too", async () => {
  let made = 0;
  let disposed = 0;
  const rules = storageContract(async () => {
    made += 1;
    const { set, listen } = store();
    const adapter: StorageAdapter = {
      read: () => {
        throw new Error("always");
      },
      subscribe: listen,
    };
    return {
      adapter,
      set,
      dispose: () => {
        disposed += 1;
      },
    };
  });
  const broken = await brokenRules(rules.slice(0, 3));
  expect([made, disposed, broken.size]).toEqual([3, 3, 3]);
});
