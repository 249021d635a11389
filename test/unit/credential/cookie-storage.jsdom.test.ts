import { cookieStorage } from "socket-rotor";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connectedRig } from "../../support/connections.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { countListeners, setVisibility } from "../../support/page-signals.js";
import { thrown } from "../../support/rejection.js";

const NAME = "token";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(document, "cookie");
  setCookie(`${NAME}=; Max-Age=0; Path=/`);
});

/** What code that does not know the library does. */
function setCookie(text: string): void {
  Reflect.set(document, "cookie", text);
}

/** Every text that is assigned to `document.cookie` from now on. */
function recordAssignments(): string[] {
  const texts: string[] = [];
  Object.defineProperty(document, "cookie", {
    configurable: true,
    get: () => texts.at(-1)?.split(";")[0] ?? "",
    set: (text: string) => texts.push(text),
  });
  return texts;
}

/** A subscription, and how often it was called back. */
function follow(storage = cookieStorage(NAME)) {
  const onMaybeChanged = vi.fn();
  return { storage, onMaybeChanged, end: storage.subscribe(onMaybeChanged) };
}

/** The Cookie Store API, which jsdom does not have. */
function stubCookieStore() {
  const store = new EventTarget();
  const add = vi.spyOn(store, "addEventListener");
  const remove = vi.spyOn(store, "removeEventListener");
  vi.stubGlobal("cookieStore", store);
  return {
    tell: (changes: { changed?: string[]; deleted?: string[] }) => {
      const named = (names: string[] = []) => names.map((name) => ({ name }));
      const event = new Event("change");
      store.dispatchEvent(
        Object.assign(event, { changed: named(changes.changed), deleted: named(changes.deleted) }),
      );
    },
    listeners: () => add.mock.calls.length - remove.mock.calls.length,
  };
}

/** How often `document.cookie` is read from now on. */
function countReads(): { readonly count: number } {
  const reads = { count: 0 };
  Object.defineProperty(document, "cookie", {
    configurable: true,
    get() {
      reads.count += 1;
      return Reflect.get(Document.prototype, "cookie", document);
    },
    set: (text: string) => Reflect.set(Document.prototype, "cookie", text, document),
  });
  return reads;
}

describe("document.cookie", () => {
  test("is read once for all that is sent in one go, and anew after that", async () => {
    vi.useRealTimers();
    setCookie(`${NAME}=first; Path=/`);
    const { connection, io } = await connectedRig("unused", { storage: cookieStorage(NAME) });
    const reads = countReads();
    for (let times = 0; times < 100; times += 1) connection.socket.emit("news", times);
    expect(reads.count).toBe(1);
    await promisesSettled();
    setCookie(`${NAME}=second; Path=/`);
    connection.socket.emit("of the second");
    expect(io.links[0]?.sockets.get("/")?.written).toHaveLength(100);
    expect(reads.count).toBeGreaterThan(1);
  });
});

describe("the cookie", () => {
  test("is read no matter which code has set it, and written so that others can read it", () => {
    const storage = cookieStorage(NAME);
    expect(storage.read()).toBeNull();
    setCookie("another=1");
    setCookie(`${NAME}=raw`);
    expect(storage.read()).toBe("raw");
    void storage.write?.("a token; with = signs");
    expect(storage.read()).toBe("a token; with = signs");
    expect(document.cookie).toContain(`${NAME}=a%20token%3B%20with%20=%20signs`);
    void storage.write?.(null);
    expect(storage.read()).toBeNull();
    expect(document.cookie).toContain("another=1");
  });

  test("has safe attributes by default: lax, for the whole host, not secure on a page of http:", () => {
    const texts = recordAssignments();
    void cookieStorage(NAME).write?.("x");
    expect(texts).toEqual(["token=x; Path=/; SameSite=lax"]);
  });

  test("is secure on a page of https:", () => {
    vi.stubGlobal("location", { protocol: "https:" });
    const texts = recordAssignments();
    void cookieStorage(NAME).write?.("x");
    expect(texts).toEqual(["token=x; Path=/; SameSite=lax; Secure"]);
  });

  test("has the attributes that were given", () => {
    const texts = recordAssignments();
    const options = { path: "/app", domain: "example.com", secure: true, maxAge: 60_000 };
    void cookieStorage(NAME, { ...options, sameSite: "strict" }).write?.("x");
    expect(texts).toEqual(["token=x; Path=/app; Domain=example.com; Max-Age=60; SameSite=strict; Secure"]);
  });
});

describe("a write that the browser refuses without a word", () => {
  test.each([
    ["a cookie of another domain", { domain: "example.com" }],
    ["a cookie of another path", { path: "/elsewhere" }],
  ])("is ERR_STORAGE_WRITE: %s; nobody is called back", (_what, options) => {
    const { storage, onMaybeChanged } = follow(cookieStorage(NAME, options));
    const { message } = thrown(() => storage.write?.("a secret"), "ERR_STORAGE_WRITE");
    expect(message).toContain('did not keep the cookie "token"');
    expect(message).not.toContain("a secret");
    expect(onMaybeChanged).not.toHaveBeenCalled();
  });

  test("is ERR_STORAGE_WRITE: a removal under another path than it was set with", () => {
    vi.spyOn(document, "cookie", "get").mockReturnValue(`${NAME}=stays`);
    const { message } = thrown(() => cookieStorage(NAME).write?.(null), "ERR_STORAGE_WRITE");
    expect(message).toContain("Give the path and the domain");
    expect(message).not.toContain("stays");
  });
});

describe("F26 cookies that cannot be used:", () => {
  test("F26 a denied access is ERR_STORAGE_UNAVAILABLE with the browser's own error as its cause", () => {
    const denied = new DOMException("The document is sandboxed.", "SecurityError");
    vi.spyOn(document, "cookie", "get").mockImplementation(() => {
      throw denied;
    });
    const storage = cookieStorage(NAME);
    for (const work of [() => storage.read(), () => storage.write?.("x")]) {
      const error = thrown(work, "ERR_STORAGE_UNAVAILABLE");
      expect([error.cause, error.message]).toEqual([denied, expect.stringContaining("sandboxed frame")]);
    }
    expect(() => storage.subscribe(() => {})()).not.toThrow();
  });

  test("F26 blocked cookies are could-not-find-out, and no sign-out", () => {
    vi.spyOn(navigator, "cookieEnabled", "get").mockReturnValue(false);
    const { message } = thrown(() => cookieStorage(NAME).read(), "ERR_STORAGE_UNAVAILABLE");
    expect(message).toContain("keeps no cookies here");
  });
});

describe("F9 changes are heard:", () => {
  test("F9 write() calls back every subscription, and not those that ended", () => {
    const { storage, onMaybeChanged, end } = follow();
    const second = follow(storage);
    void storage.write?.("x");
    end();
    void storage.write?.(null);
    expect([onMaybeChanged, second.onMaybeChanged].map(({ mock }) => mock.calls.length)).toEqual([1, 2]);
  });

  test("F9 through the Cookie Store API at once, and only of this cookie", () => {
    const store = stubCookieStore();
    const { onMaybeChanged } = follow();
    store.tell({ changed: ["another"], deleted: ["a third"] });
    expect(onMaybeChanged).not.toHaveBeenCalled();
    store.tell({ changed: ["another", NAME] });
    expect(onMaybeChanged).toHaveBeenCalledTimes(1);
    store.tell({ deleted: [NAME] });
    expect(onMaybeChanged).toHaveBeenCalledTimes(2);
  });

  test.each([
    ["without the Cookie Store API", () => undefined],
    ["with one that is silent, as it is about a cookie that expires", stubCookieStore],
  ])("F9 by the poll, once, %s", (_what, prepare) => {
    prepare();
    const { onMaybeChanged } = follow();
    setCookie(`${NAME}=raw`);
    vi.advanceTimersByTime(999);
    expect(onMaybeChanged).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });

  test("F9 on focus and on becoming visible; a hidden page does not poll", () => {
    const { onMaybeChanged } = follow();
    window.dispatchEvent(new Event("focus"));
    expect(onMaybeChanged).toHaveBeenCalledTimes(1);
    setVisibility("hidden");
    setCookie(`${NAME}=raw`);
    vi.advanceTimersByTime(60_000);
    expect(onMaybeChanged).toHaveBeenCalledTimes(1);
    setVisibility("visible");
    expect(onMaybeChanged).toHaveBeenCalledTimes(2);
  });
});

test("G9 after the end of a subscription there is no listener and no timer", () => {
  const store = stubCookieStore();
  const listeners = countListeners();
  const { end, onMaybeChanged } = follow();
  expect([listeners() > 0, store.listeners(), vi.getTimerCount()]).toEqual([true, 1, 1]);
  end();
  expect([listeners(), store.listeners(), vi.getTimerCount()]).toEqual([0, 0, 0]);
  store.tell({ changed: [NAME] });
  window.dispatchEvent(new Event("focus"));
  expect(onMaybeChanged).not.toHaveBeenCalled();
});
