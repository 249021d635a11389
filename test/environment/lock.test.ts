import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.js";
import { createLock } from "../../src/environment/lock.js";
import { fakeLocks } from "./fake-locks.js";

const DEADLINE = 10_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount(), "timers that are left").toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const createTestLock = () => createLock(systemClock(), DEADLINE);

/** Work that goes on until it is told to end. */
function longWork() {
  let end = (): void => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: vi.fn(() => done), end: () => end() };
}

describe("F25 without Web Locks the work runs directly:", () => {
  const runtimes = [
    { what: "no navigator", navigator: undefined },
    { what: "a navigator without locks", navigator: {} },
  ];
  test.each(runtimes)("$what", async ({ navigator }) => {
    vi.stubGlobal("navigator", navigator);
    const work = vi.fn();
    await createTestLock()(work);
    expect(work).toHaveBeenCalledOnce();
  });

  test("an error reaches the caller", async () => {
    vi.stubGlobal("navigator", undefined);
    const failed = createTestLock()(() => Promise.reject(new Error("of the work")));
    await expect(failed).rejects.toThrow("of the work");
  });
});

describe("F25 with Web Locks:", () => {
  test("the work runs once, under the library's own name", async () => {
    const locks = fakeLocks();
    vi.stubGlobal("navigator", { locks });
    const work = vi.fn();
    await createTestLock()(work);
    expect(work).toHaveBeenCalledOnce();
    expect(locks.names).toEqual(["socket-rotor"]);
  });

  test("the work of two tabs runs one after the other", async () => {
    vi.stubGlobal("navigator", { locks: fakeLocks() });
    const { work, end } = longWork();
    const second = vi.fn();
    const first = createTestLock()(work);
    const after = createTestLock()(second);
    await vi.advanceTimersByTimeAsync(DEADLINE - 1);
    expect(second).not.toHaveBeenCalled();
    end();
    await Promise.all([first, after]);
    expect(second).toHaveBeenCalledOnce();
  });

  test("F24 a holder that is frozen is waited for until the deadline, and no longer", async () => {
    const locks = fakeLocks();
    vi.stubGlobal("navigator", { locks });
    const { work, end } = longWork();
    const frozen = locks.request("socket-rotor", {}, work);
    const mine = vi.fn();
    const locked = createTestLock()(mine);
    await vi.advanceTimersByTimeAsync(DEADLINE - 1);
    expect(mine).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await locked;
    expect(mine).toHaveBeenCalledOnce();
    expect(locks.waiting).toBe(0);
    end();
    await frozen;
    expect(mine).toHaveBeenCalledOnce();
  });

  test("work that has begun may take longer than the deadline, and runs once", async () => {
    vi.stubGlobal("navigator", { locks: fakeLocks() });
    const { work, end } = longWork();
    const locked = createTestLock()(work);
    await vi.advanceTimersByTimeAsync(10 * DEADLINE);
    end();
    await locked;
    expect(work).toHaveBeenCalledOnce();
  });

  const failures = [
    { how: "throws", work: () => Promise.reject(new Error("of the work")) },
    {
      how: "throws at once",
      work: () => {
        throw new Error("of the work");
      },
    },
  ];
  test.each(failures)(
    "work that $how is not run again, and the lock is free afterwards",
    async ({ work }) => {
      vi.stubGlobal("navigator", { locks: fakeLocks() });
      const failing = vi.fn(work);
      await expect(createTestLock()(failing)).rejects.toThrow("of the work");
      expect(failing).toHaveBeenCalledOnce();
      const next = vi.fn();
      await createTestLock()(next);
      expect(next).toHaveBeenCalledOnce();
    },
  );

  test("an error of work that ran after the deadline reaches the caller", async () => {
    const locks = fakeLocks();
    vi.stubGlobal("navigator", { locks });
    const { work, end } = longWork();
    const frozen = locks.request("socket-rotor", {}, work);
    const failed = expect(createTestLock()(() => Promise.reject(new Error("of the work")))).rejects.toThrow(
      "of the work",
    );
    await vi.advanceTimersByTimeAsync(DEADLINE);
    await failed;
    end();
    await frozen;
  });

  test("F26 locks that are refused, as in a sandboxed frame, do not stop the work", async () => {
    const refused = new DOMException("Access to the Locks API is denied.", "SecurityError");
    vi.stubGlobal("navigator", { locks: { request: () => Promise.reject(refused) } });
    const work = vi.fn();
    await createTestLock()(work);
    expect(work).toHaveBeenCalledOnce();
  });
});
