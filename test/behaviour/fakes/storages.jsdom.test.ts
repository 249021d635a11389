import {
  cookieStorage,
  createConnection,
  fromSubscription,
  type StorageAdapter,
  webStorage,
} from "socket-rotor";
import { fakeIo, simulatedClock } from "socket-rotor/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";

const KEY = "accessToken";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
  sessionStorage.clear();
  // biome-ignore lint/suspicious/noDocumentCookie: the way of other code
  document.cookie = `${KEY}=; max-age=0; path=/`;
});

/** A connection to a fake server, and the tokens that this has seen. */
function follow(storage: StorageAdapter) {
  const io = fakeIo();
  const identify = (token: string): string => token.split(".")[0] ?? "";
  const options = {
    url: "https://api.example.com",
    storage,
    io,
    identify,
    clock: simulatedClock(),
    logger: {},
  };
  const connection = createConnection(options);
  onTestFinished(() => connection.dispose());
  const presented = (): unknown[] =>
    io.log.flatMap((entry) => (entry.type === "handshake" ? [entry.auth.token] : []));
  return { connection, presented };
}

/** A minute, in which all that is polled is looked at. */
async function aMinute(): Promise<void> {
  await vi.advanceTimersByTimeAsync(60_000);
}

interface Way {
  what: string;
  storage: () => StorageAdapter;
  /** As code does that does not know the library. */
  set(token: string): void;
  remove(): void;
}

const client = { token: undefined as string | undefined, listeners: new Set<() => void>() };
const tell = (token: string | undefined): void => {
  client.token = token;
  for (const listener of client.listeners) listener();
};

const ways: Way[] = [
  {
    what: "webStorage of localStorage",
    storage: () => webStorage(KEY),
    set: (token) => localStorage.setItem(KEY, token),
    remove: () => localStorage.removeItem(KEY),
  },
  {
    what: "webStorage of sessionStorage",
    storage: () => webStorage(KEY, { area: "session" }),
    set: (token) => sessionStorage.setItem(KEY, token),
    remove: () => sessionStorage.clear(),
  },
  {
    what: "cookieStorage",
    storage: () => cookieStorage(KEY),
    set: (token) => {
      // biome-ignore lint/suspicious/noDocumentCookie: the way of other code
      document.cookie = `${KEY}=${token}; path=/`;
    },
    remove: () => {
      // biome-ignore lint/suspicious/noDocumentCookie: the way of other code
      document.cookie = `${KEY}=; max-age=0; path=/`;
    },
  },
  {
    what: "fromSubscription",
    storage: () =>
      fromSubscription({
        read: () => client.token,
        subscribe(onMaybeChanged) {
          client.listeners.add(onMaybeChanged);
          return { unsubscribe: () => void client.listeners.delete(onMaybeChanged) };
        },
      }),
    set: tell,
    remove: () => tell(undefined),
  },
];

describe.each(ways)("$what: a connection follows what other code does", ({ storage, set, remove }) => {
  test("F9 signing in, a newer token, another user, signing out, and in again", async () => {
    const { connection, presented } = follow(storage());
    await aMinute();
    expect([connection.status, presented()]).toEqual(["loggedOut", []]);
    for (const token of ["ada.1", "ada.2", "grace.1"]) {
      set(token);
      await aMinute();
      expect([connection.status, presented().at(-1)]).toEqual(["connected", token]);
    }
    // The same again is no change.
    set("grace.1");
    await aMinute();
    expect(presented()).toHaveLength(3);
    remove();
    await aMinute();
    expect(connection.status).toBe("loggedOut");
    set("ada.3");
    await aMinute();
    expect([connection.status, presented().length]).toEqual(["connected", 4]);
    remove();
  });
});

test.each(ways.slice(0, 3))(
  "$what: login() and logout() write what other code can read",
  async ({ storage }) => {
    const { connection, presented } = follow(storage());
    await aMinute();
    await connection.login("ada.1");
    await aMinute();
    expect([storage().read(), presented()]).toEqual(["ada.1", ["ada.1"]]);
    const leaving = connection.logout();
    expect([storage().read(), connection.status]).toEqual([null, "loggedOut"]);
    await aMinute();
    await leaving;
  },
);

test("F9 webStorage hears of another tab's write at once", async () => {
  const { connection, presented } = follow(webStorage(KEY));
  await vi.advanceTimersByTimeAsync(0);
  localStorage.setItem(KEY, "ada.1");
  window.dispatchEvent(new StorageEvent("storage", { key: KEY, storageArea: localStorage }));
  await vi.advanceTimersByTimeAsync(0);
  expect([connection.status, presented()]).toEqual(["connected", ["ada.1"]]);
});
