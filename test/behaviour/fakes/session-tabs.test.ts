import { type Connection, createConnection, type EnvironmentSignal, type StorageAdapter } from "socket-rotor";
import {
  accept,
  type FakeBehaviour,
  type FakeIo,
  fakeIo,
  refuse,
  type SimulatedClock,
  simulatedClock,
} from "socket-rotor/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { seeded } from "../../support/random.js";
import { rejection } from "../../support/rejection.js";

const url = "https://app.example.com";
const nobody = refuse("logout", undefined, "session_required");

interface Tab {
  connection: Connection;
  io: FakeIo;
  clock: SimulatedClock;
  /** The word by which the server of this tab's last handshake has named the user. */
  word: string | null;
  handshakes(): number;
  /** What the page says. */
  signal: (signal: EnvironmentSignal) => void;
  /** Hears of nothing until it is let go on. */
  freeze(): () => void;
  state(): string;
}

/** Pages of one origin, with the marker that they share. Whose the cookie is, is asked at each handshake. */
function browser() {
  let stored: string | null = null;
  /** How often it was written. */
  let told = 0;
  const listeners = new Set<() => void>();

  const open = (user: () => string | null, { mayWrite = true } = {}): Tab => {
    let hasBegun = false;
    let isFrozen = false;
    const storage: StorageAdapter = {
      credential: "cookie",
      read() {
        if (!hasBegun) stored ??= "first";
        hasBegun = true;
        return stored;
      },
      ...(mayWrite && {
        write(marker) {
          stored = marker;
          told += 1;
          // Other tabs hear of it a moment later.
          for (const listener of listeners) setImmediate(listener);
        },
      }),
      subscribe(onMaybeChanged) {
        const listener = (): void => {
          if (!isFrozen) onMaybeChanged();
        };
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const answer: FakeBehaviour = (link) => {
      tab.word = user();
      if (tab.word === null) nobody(link);
      else accept({ reauthenticate: false, identity: tab.word })(link);
    };
    const io = fakeIo(answer);
    const clock = simulatedClock();
    let signal: Tab["signal"] = () => {};
    const connection = createConnection({
      url,
      storage,
      io,
      clock,
      logger: {},
      environment: {
        subscribe(onSignal) {
          signal = onSignal;
          return () => {};
        },
      },
    });
    onTestFinished(() => connection.dispose());
    const tab: Tab = {
      connection,
      io,
      clock,
      word: null,
      signal: (given) => signal(given),
      handshakes: () => io.log.filter(({ type }) => type === "handshake").length,
      freeze() {
        isFrozen = true;
        return () => {
          isFrozen = false;
        };
      },
      state() {
        const { status, detail } = connection.getSnapshot();
        return `${status}.${detail}`;
      },
    };
    return tab;
  };
  return { open, stored: () => stored, told: () => told };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await promisesSettled();
}

/** A cookie that all pages share. */
function sharedCookie(first: string | null = null) {
  const cookie = { user: first };
  return { cookie, user: () => cookie.user };
}

describe("another user signs in by a form, and the page that loads tells the others", () => {
  test("a tab that was up as the last user makes one new handshake, and is the new one's", async () => {
    const { open } = browser();
    const { cookie, user } = sharedCookie("ada");
    const old = open(user);
    await settled();
    cookie.user = "grace";
    const fresh = open(user);
    await settled();
    expect([old.word, old.handshakes(), old.state()]).toEqual(["grace", 2, "connected.steady"]);
    expect([fresh.word, fresh.handshakes()]).toEqual(["grace", 1]);
  });

  test("G3 what that tab had queued is dropped, what it emits after it has heard is the new user's", async () => {
    const { open } = browser();
    const { cookie, user } = sharedCookie("ada");
    const old = open(user);
    await settled();
    old.io.isHandshakeHeld = true;
    old.io.last?.drop();
    const queued = rejection(old.connection.socket.emitWithAck("message", "of ada"), "ERR_IDENTITY_CHANGED");
    cookie.user = "grace";
    open(user);
    await settled();
    const answer = old.connection.socket.emitWithAck("message", "of grace");
    old.io.isHandshakeHeld = false;
    old.io.last?.accept({ reauthenticate: false, identity: "grace" });
    await queued;
    await answer;
    expect(old.io.log.filter(({ type }) => type === "message")).toMatchObject([{ args: ["of grace"] }]);
  });

  test("nothing of the last user's is delivered once it was heard of", async () => {
    const { open } = browser();
    const { cookie, user } = sharedCookie("ada");
    const old = open(user);
    await settled();
    const heard: string[] = [];
    old.connection.socket.on("news", (text: string) => heard.push(text));
    const link = old.io.last;
    link?.send("news", "before");
    cookie.user = "grace";
    open(user);
    await settled();
    link?.send("news", "after");
    expect(heard).toEqual(["before"]);
  });

  test("F24 a tab that was frozen meanwhile finds out when it resumes", async () => {
    const { open } = browser();
    const { cookie, user } = sharedCookie("ada");
    const old = open(user);
    await settled();
    const thaw = old.freeze();
    cookie.user = "grace";
    open(user);
    await settled();
    expect(old.word).toBe("ada");
    thaw();
    old.signal("page.resumed");
    await settled();
    expect([old.word, old.handshakes()]).toEqual(["grace", 2]);
  });

  test("a tab that was overtaken on its way tells what it has found, and the other follows", async () => {
    const { open } = browser();
    const { cookie, user } = sharedCookie("ada");
    const old = open(user);
    old.io.isHandshakeHeld = true;
    await promisesSettled();
    cookie.user = "grace";
    const fresh = open(user);
    fresh.io.isHandshakeHeld = true;
    await promisesSettled();
    old.io.isHandshakeHeld = false;
    old.io.last?.accept({ reauthenticate: false, identity: "ada" });
    await settled();
    fresh.io.isHandshakeHeld = false;
    fresh.io.last?.accept({ reauthenticate: false, identity: "grace" });
    await settled();
    expect([old.word, fresh.word]).toEqual(["grace", "grace"]);
  });
});

describe("the same user", () => {
  test("loads another page: no tab makes a handshake for it", async () => {
    const { open } = browser();
    const { user } = sharedCookie("ada");
    const tabs = [open(user), open(user)];
    await settled();
    tabs.push(open(user));
    await settled();
    expect(tabs.map((tab) => tab.handshakes())).toEqual([1, 1, 1]);
  });

  test.each([
    ["for the first time", null, false],
    ["anew", "ada", false],
    ["anew, after a sign-out", "ada", true],
  ])(
    "F31 calls login() %s before the session is stored: this tab waits for it, and the others hear of it by the name",
    async (_, before, isOut) => {
      const { open } = browser();
      const { cookie, user } = sharedCookie(before);
      const [here, elsewhere] = [open(user), open(user)];
      await settled();
      cookie.user = null;
      if (isOut) await here.connection.logout();
      await here.connection.login();
      await settled();
      expect([here.state(), elsewhere.state()]).toEqual(["connecting.waiting", "loggedOut.signedOut"]);
      cookie.user = "ada";
      here.clock.advance(1_000);
      await settled();
      expect([here.state(), elsewhere.state()]).toEqual(Array(2).fill("connected.steady"));
      expect([here.handshakes(), elsewhere.handshakes()]).toEqual([3, 3]);
    },
  );

  test("calls login(): one more handshake in each tab, as before", async () => {
    const { open } = browser();
    const { user } = sharedCookie("ada");
    const tabs = [open(user), open(user)];
    await settled();
    await tabs[0]?.connection.login();
    await settled();
    expect(tabs.map((tab) => tab.handshakes())).toEqual([2, 2]);
  });

  test("F9 signs out and in by forms: a tab that the server signed out tries again, once", async () => {
    const { open } = browser();
    const { cookie, user } = sharedCookie("ada");
    const old = open(user);
    await settled();
    cookie.user = null;
    old.io.last?.drop("io server disconnect", "logout", undefined, "session_ended");
    const atTheForm = open(user);
    await settled();
    expect([old, atTheForm].map((tab) => tab.state())).toEqual(Array(2).fill("loggedOut.signedOut"));
    cookie.user = "ada";
    open(user);
    await settled();
    expect([old, atTheForm].map((tab) => tab.state())).toEqual(Array(2).fill("connected.steady"));
    expect([old, atTheForm].map((tab) => tab.handshakes())).toEqual([2, 2]);
  });

  test("the same, where the word of the sign-in comes before that of the sign-out", async () => {
    const { open } = browser();
    const { cookie, user } = sharedCookie("ada");
    const old = open(user);
    await settled();
    cookie.user = null;
    open(user);
    await settled();
    cookie.user = "ada";
    open(user);
    await settled();
    expect([old.state(), old.handshakes()]).toEqual(["connected.steady", 1]);
    old.io.last?.drop("io server disconnect", "logout", undefined, "session_ended");
    await settled();
    expect([old.state(), old.handshakes()]).toEqual(["connected.steady", 2]);
  });

  test("is signed out soon after it has loaded another page: no handshake is made for that, and the end is told", async () => {
    const { open } = browser();
    const { user } = sharedCookie("ada");
    const old = open(user);
    await settled();
    open(user);
    await settled();
    old.io.last?.drop("io server disconnect", "logout", undefined, "session_ended");
    await settled();
    expect([old.state(), old.handshakes()]).toEqual(["loggedOut.signedOut", 1]);
    expect(old.connection.getSnapshot().error?.reason).toBe("session_ended");
  });

  test("is signed out by the server in several tabs: none makes a handshake because another one says so", async () => {
    const { open } = browser();
    const { cookie, user } = sharedCookie("ada");
    const tabs = [open(user), open(user), open(user)];
    await settled();
    cookie.user = null;
    for (const tab of tabs) tab.io.last?.drop("io server disconnect", "logout", undefined, "session_ended");
    await settled();
    expect(tabs.map((tab) => [tab.state(), tab.handshakes()])).toEqual(
      Array(3).fill(["loggedOut.signedOut", 1]),
    );
  });

  test("the server that still lets nobody in is asked once for each word, and not again", async () => {
    const { open } = browser();
    const out = open(() => null);
    await settled();
    open(() => "ada");
    await settled();
    expect([out.state(), out.handshakes()]).toEqual(["loggedOut.signedOut", 2]);
    out.signal("page.resumed");
    await settled();
    expect(out.handshakes()).toBe(2);
  });
});

test("an adapter that only reads tells nobody, and nothing breaks", async () => {
  const { open, stored, told } = browser();
  const tabs = ["ada", "grace"].map((user) => open(() => user, { mayWrite: false }));
  await settled();
  expect(tabs.map((tab) => tab.state())).toEqual(Array(2).fill("connected.steady"));
  expect([stored(), told()]).toEqual(["first", 0]);
});

describe("tabs that will never agree come to rest", () => {
  test("cookies of two paths: one handshake for each page that the other path has loaded", async () => {
    const { open, told } = browser();
    const tabs: Tab[] = [];
    for (const word of ["of /a", "of /b", "of /a", "of /b"]) {
      tabs.push(open(() => word));
      await settled();
    }
    expect(tabs.map((tab) => tab.handshakes())).toEqual([3, 2, 2, 1]);
    for (const tab of tabs) tab.io.last?.drop();
    for (const tab of tabs) tab.signal("network.online");
    await settled();
    expect(tabs.map((tab) => tab.handshakes())).toEqual([4, 3, 3, 2]);
    expect(told()).toBe(4);
  });

  test.each(Array.from({ length: 20 }, (_, seed) => [seed]))(
    "nodes with a random key each, seed %i: no more tellings than tabs that began by themselves",
    async (seed) => {
      const random = seeded(seed);
      const below = (limit: number): number => Math.floor(random() * limit);
      const nodes = 2 + below(4);
      const { open, told } = browser();
      const tabs: Tab[] = [];
      let begun = 0;
      for (let step = 0; step < 12; step += 1) {
        if (tabs.length < 4) {
          tabs.push(open(() => `by node ${below(nodes)}`));
        } else {
          const tab = tabs[below(tabs.length)];
          tab?.io.last?.drop();
          tab?.signal("network.online");
        }
        begun += 1;
        // Sometimes the next begins before the others have come to rest.
        for (let turn = below(12); turn > 0; turn -= 1) await promisesSettled();
      }
      await settled();
      const handshakes = tabs.reduce((sum, tab) => sum + tab.handshakes(), 0);
      expect(told()).toBeLessThanOrEqual(begun);
      expect(handshakes).toBeLessThanOrEqual(begun + told() * (tabs.length - 1));
      await settled();
      expect(tabs.reduce((sum, tab) => sum + tab.handshakes(), 0)).toBe(handshakes);
    },
  );
});
