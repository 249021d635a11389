import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../src/clock.js";
import { createLock } from "../../../src/environment/tab-lock.js";
import { type FakeLockManager, fakeLocks } from "../../support/fake-locks.js";

const DEADLINE = 10_000;
const NAME = "socket-rotor";
/** From the turn of work to its beginning, where the lock was free, and where the work had to wait for it. */
const PROPAGATION = { free: 100, waitedFor: 1_000 };
/** For how long a holder may have the lock before it counts as frozen. */
const LIMIT = DEADLINE + 3_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount(), "timers that are left").toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Locks work in a runtime with this navigator. */
function lockIn(
  navigator: object | undefined,
  work: () => void | Promise<void>,
  { signal = new AbortController().signal, random = 0, isStale = () => false } = {},
): Promise<void> {
  vi.stubGlobal("navigator", navigator);
  return createLock(systemClock(), DEADLINE, () => random)({ signal, isStale }, work);
}

/** Locks work in a tab, which waits for a stuck holder for `1 + random / 10` times the limit. */
const lock = (locks: FakeLockManager, work: () => void | Promise<void>, options = {}): Promise<void> =>
  lockIn({ locks }, work, options);

/** Work in a tab that has the lock from now on. */
async function holding(locks: FakeLockManager, work: () => Promise<void>): Promise<{ done: Promise<void> }> {
  const done = lock(locks, work);
  await untilBegun();
  return { done };
}

/** As `lock`, where it is free and the work short. */
async function lockFree(...given: Parameters<typeof lock>): Promise<void> {
  const done = lock(...given);
  done.catch(() => {});
  await untilBegun();
  return done;
}

/** Work that goes on until it is told to end, or to fail. */
function longWork() {
  let end = (): void => {};
  let fail = (_: Error): void => {};
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { work: vi.fn(() => done), end: () => end(), fail: (error: Error) => fail(error) };
}

const flush = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const untilBegun = (): Promise<unknown> => vi.advanceTimersByTimeAsync(PROPAGATION.free);

describe("F25 without Web Locks the work runs directly:", () => {
  const runtimes = [
    { what: "no navigator", navigator: undefined },
    { what: "a navigator without locks", navigator: {} },
  ];
  test.each(runtimes)("$what", async ({ navigator }) => {
    const work = vi.fn();
    await lockIn(navigator, work);
    expect(work).toHaveBeenCalledOnce();
  });

  test("an error reaches the caller", async () => {
    await expect(lockIn(undefined, () => Promise.reject(new Error("of the work")))).rejects.toThrow(
      "of the work",
    );
  });
});

describe("F25 with Web Locks:", () => {
  test("the work runs once, under the library's own name", async () => {
    const locks = fakeLocks();
    const work = vi.fn();
    await lockFree(locks.tab("a"), work);
    expect(work).toHaveBeenCalledOnce();
    expect(locks.names).toEqual([NAME]);
  });

  test("work that finds the lock free begins a moment later, as it may have been freed just now", async () => {
    const work = vi.fn();
    const locked = lock(fakeLocks().tab("a"), work);
    await vi.advanceTimersByTimeAsync(PROPAGATION.free - 1);
    expect(work).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await locked;
    expect(work).toHaveBeenCalledOnce();
  });

  test("a holder that waited, and then takes as long as it may, keeps the lock", async () => {
    const locks = fakeLocks();
    const [first, second] = [longWork(), longWork()];
    const last = vi.fn();
    const all = [lock(locks.tab("a"), first.work), lock(locks.tab("b"), second.work)];
    await untilBegun();
    first.end();
    await flush();
    all.push(lock(locks.tab("c"), last));
    await vi.advanceTimersByTimeAsync(LIMIT - 1);
    expect([second.work.mock.calls.length, locks.thieves]).toEqual([1, []]);
    second.end();
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
    await Promise.all(all);
    expect(last).toHaveBeenCalledOnce();
  });

  test("work that is moot by its turn, or becomes so, does not keep the others waiting", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    let isStale = false;
    const all = [lock(locks.tab("a"), work)];
    for (const name of ["b", "c", "d"]) all.push(lock(locks.tab(name), () => {}, { isStale: () => isStale }));
    const last = vi.fn();
    all.push(lock(locks.tab("e"), last));
    await untilBegun();
    end();
    await vi.advanceTimersByTimeAsync(PROPAGATION.free);
    isStale = true;
    await vi.advanceTimersByTimeAsync(PROPAGATION.free);
    expect([locks.waiting, last.mock.calls.length]).toEqual([0, 0]);
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
    await Promise.all(all);
    expect(last).toHaveBeenCalledOnce();
  });

  test("a clock that is set back does not make the wait longer", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    const first = lock(locks.tab("a"), work);
    const given = vi.fn();
    const after = lock(locks.tab("b"), given);
    await untilBegun();
    end();
    await flush();
    vi.setSystemTime(Date.now() - 3_600_000);
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
    await Promise.all([first, after]);
    expect(given).toHaveBeenCalledOnce();
  });

  test("the work of two tabs runs one after the other", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    const second = vi.fn();
    const first = lock(locks.tab("a"), work);
    const after = lock(locks.tab("b"), second);
    await vi.advanceTimersByTimeAsync(DEADLINE - 1);
    expect(second).not.toHaveBeenCalled();
    end();
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
    await Promise.all([first, after]);
    expect([second.mock.calls.length, locks.thieves]).toEqual([1, []]);
  });

  test("work that had to wait begins when what the last holder has stored has come through", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    const first = lock(locks.tab("a"), work);
    const second = vi.fn();
    const after = lock(locks.tab("b"), second);
    await untilBegun();
    end();
    await first;
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor - 1);
    expect(second).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await after;
    expect(second).toHaveBeenCalledOnce();
  });

  test("a signal that aborts until then keeps it from beginning, and frees the lock", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    const first = lock(locks.tab("a"), work);
    const controller = new AbortController();
    const given = vi.fn();
    const after = expect(lock(locks.tab("b"), given, { signal: controller.signal })).rejects.toBe("given up");
    await untilBegun();
    end();
    await first;
    await flush();
    controller.abort("given up");
    await after;
    const next = vi.fn();
    await lockFree(locks.tab("c"), next);
    expect([given.mock.calls.length, next.mock.calls.length]).toEqual([0, 1]);
  });

  test("work that has begun may take longer than the deadline where nobody waits, and runs once", async () => {
    const { work, end } = longWork();
    const locked = lock(fakeLocks().tab("a"), work);
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
      const locks = fakeLocks();
      const failing = vi.fn(work);
      await expect(lockFree(locks.tab("a"), failing)).rejects.toThrow("of the work");
      expect(failing).toHaveBeenCalledOnce();
      const next = vi.fn();
      await lockFree(locks.tab("b"), next);
      expect(next).toHaveBeenCalledOnce();
    },
  );
});

describe("F24 a holder that is frozen", () => {
  test.each([0, 0.5, 1])(
    "loses the lock after the deadline and a tenth of it at most (random %d)",
    async (random) => {
      const locks = fakeLocks();
      const { work, end } = longWork();
      const frozen = await holding(locks.tab("frozen"), work);
      const mine = vi.fn();
      const locked = lock(locks.tab("b"), mine, { random });
      await vi.advanceTimersByTimeAsync(LIMIT * (1 + random / 10) - 1);
      expect(locks.thieves).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(locks.thieves).toEqual(["b"]);
      await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
      await locked;
      expect([mine.mock.calls.length, locks.thieves, locks.waiting]).toEqual([1, ["b"], 0]);
      end();
      await frozen.done;
      expect(work).toHaveBeenCalledOnce();
    },
  );

  test("F25 is robbed by one of those that wait: the other finds a new holder, and waits anew", async () => {
    const locks = fakeLocks();
    const frozen = longWork();
    const thief = longWork();
    const other = vi.fn();
    const { done } = await holding(locks.tab("frozen"), frozen.work);
    const all = [done, lock(locks.tab("b"), thief.work), lock(locks.tab("c"), other, { random: 1 })];
    await vi.advanceTimersByTimeAsync(2 * LIMIT - 1);
    expect([thief.work.mock.calls.length, other.mock.calls.length, locks.thieves]).toEqual([1, 0, ["b"]]);
    thief.end();
    frozen.end();
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
    await Promise.all(all);
    expect([other.mock.calls.length, locks.thieves]).toEqual([1, ["b"]]);
  });

  test("is robbed by both when the first thief freezes as well", async () => {
    const locks = fakeLocks();
    const [frozen, thief] = [longWork(), longWork()];
    const last = vi.fn();
    const { done } = await holding(locks.tab("frozen"), frozen.work);
    const all = [done, lock(locks.tab("thief"), thief.work), lock(locks.tab("last"), last, { random: 1 })];
    await vi.advanceTimersByTimeAsync(3 * LIMIT);
    expect([last.mock.calls.length, locks.thieves]).toEqual([1, ["thief", "last"]]);
    for (const { end } of [frozen, thief]) end();
    await Promise.all(all);
  });

  test("F25 is robbed by two at the same moment: the work of one of them runs, and the other waits anew", async () => {
    const locks = fakeLocks();
    const frozen = longWork();
    const { done } = await holding(locks.tab("frozen"), frozen.work);
    const thieves = [longWork(), longWork()];
    const [one, other] = [locks.tab("one"), locks.tab("other")];
    let looks = 0;
    // The second look of each comes before the theft of either.
    const query: typeof other.query = async () => {
      looks += 1;
      return looks === 2 ? { held: [{ name: NAME, clientId: "frozen" }] } : other.query();
    };
    const all = [one, { ...other, query }].map((tab, index) => lock(tab, thieves[index]?.work ?? vi.fn()));
    await vi.advanceTimersByTimeAsync(LIMIT + PROPAGATION.waitedFor);
    expect([locks.thieves.length, thieves.flatMap(({ work }) => work.mock.calls).length]).toEqual([2, 1]);
    for (const { end } of [frozen, ...thieves]) end();
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
    await Promise.all([done, ...all]);
    expect(thieves.map(({ work }) => work.mock.calls.length)).toEqual([1, 1]);
  });

  test.each([
    ["F25 before its work has begun does not begin it without the lock, but waits anew", "another page"],
    ["F25 before its work has begun, by another connection of its page, waits anew as well", "page"],
  ])("%s", async (_, whose) => {
    const locks = fakeLocks();
    const [robbed, thief] = [vi.fn(), longWork()];
    const after = lock(locks.tab("page"), robbed);
    await flush();
    const stolen = locks.tab(whose).request(NAME, { steal: true }, thief.work);
    await vi.advanceTimersByTimeAsync(DEADLINE);
    expect([robbed.mock.calls.length, thief.work.mock.calls.length]).toEqual([0, 1]);
    thief.end();
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
    await Promise.all([stolen, after]);
    expect(robbed).toHaveBeenCalledOnce();
  });

  const outcomes = [
    { how: "ends", tell: ({ end }: ReturnType<typeof longWork>) => end(), outcome: "fulfilled" },
    {
      how: "fails",
      tell: ({ fail }: ReturnType<typeof longWork>) => fail(new Error("of the work")),
      outcome: "rejected",
    },
  ];
  test.each(outcomes)(
    "hears of its own work, which $how, and not of the theft",
    async ({ tell, outcome }) => {
      const locks = fakeLocks();
      const frozen = longWork();
      const robbed = await holding(locks.tab("frozen"), frozen.work);
      const settled = vi.fn();
      const seen = robbed.done.then(
        () => settled("fulfilled"),
        (error: unknown) => settled("rejected", String(error)),
      );
      const second = lock(locks.tab("b"), () => {});
      await vi.advanceTimersByTimeAsync(LIMIT + PROPAGATION.waitedFor);
      await second;
      expect([settled.mock.calls, locks.thieves]).toEqual([[], ["b"]]);
      tell(frozen);
      await seen;
      expect(settled.mock.calls[0]?.[0]).toBe(outcome);
      if (outcome === "rejected") expect(settled.mock.calls[0]?.[1]).toBe("Error: of the work");
      expect(frozen.work).toHaveBeenCalledOnce();
    },
  );

  test("an error of work that ran with a stolen lock reaches the caller", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    const frozen = await holding(locks.tab("frozen"), work);
    const failing = vi.fn(() => Promise.reject(new Error("of the work")));
    const failed = expect(lock(locks.tab("b"), failing)).rejects.toThrow("of the work");
    await vi.advanceTimersByTimeAsync(LIMIT + PROPAGATION.waitedFor);
    await failed;
    expect(failing).toHaveBeenCalledOnce();
    end();
    await frozen.done;
  });
});

describe("a signal that aborts", () => {
  test("while waiting rejects with its reason, and the work never runs", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    const first = lock(locks.tab("a"), work);
    await untilBegun();
    const controller = new AbortController();
    const given = vi.fn();
    const waiting = expect(lock(locks.tab("b"), given, { signal: controller.signal })).rejects.toBe(
      "given up",
    );
    await flush();
    expect(locks.waiting).toBe(1);
    controller.abort("given up");
    await waiting;
    expect([locks.waiting, vi.getTimerCount()]).toEqual([0, 0]);
    end();
    await first;
    await vi.advanceTimersByTimeAsync(2 * DEADLINE);
    expect(given).not.toHaveBeenCalled();
  });

  test("before the work begins with a lock that was free does the same", async () => {
    const locks = fakeLocks();
    const controller = new AbortController();
    const given = vi.fn();
    const waiting = expect(lock(locks.tab("a"), given, { signal: controller.signal })).rejects.toBe(
      "given up",
    );
    await flush();
    expect(locks.isHeld).toBe(true);
    controller.abort("given up");
    await waiting;
    expect([given.mock.calls.length, locks.isHeld, vi.getTimerCount()]).toEqual([0, false, 0]);
  });

  test("while a lock is asked for that is denied does the same", async () => {
    const controller = new AbortController();
    const given = vi.fn();
    const request = (): Promise<never> => {
      controller.abort("given up");
      return Promise.reject(new DOMException("Access to the Locks API is denied.", "SecurityError"));
    };
    const options = { signal: controller.signal };
    await expect(lock({ ...fakeLocks().tab("a"), request }, given, options)).rejects.toBe("given up");
    expect(given).not.toHaveBeenCalled();
  });

  test("before it waits does the same", async () => {
    const given = vi.fn();
    const signal = AbortSignal.abort("given up");
    await expect(lock(fakeLocks().tab("a"), given, { signal })).rejects.toBe("given up");
    expect(given).not.toHaveBeenCalled();
  });

  test("while it looks whether the holder is stuck keeps it from taking the lock", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    const first = lock(locks.tab("a"), work);
    await untilBegun();
    const controller = new AbortController();
    const tab = locks.tab("b");
    let looks = 0;
    const query: typeof tab.query = () => {
      looks += 1;
      if (looks === 2) controller.abort("given up");
      return tab.query();
    };
    const given = vi.fn();
    const waiting = expect(lock({ ...tab, query }, given, { signal: controller.signal })).rejects.toBe(
      "given up",
    );
    await vi.advanceTimersByTimeAsync(LIMIT);
    await waiting;
    expect([given.mock.calls.length, looks, locks.thieves]).toEqual([0, 2, []]);
    end();
    await first;
  });

  test("once the work has begun changes nothing", async () => {
    const { work, end } = longWork();
    const controller = new AbortController();
    const locked = lock(fakeLocks().tab("a"), work, { signal: controller.signal });
    await untilBegun();
    controller.abort();
    end();
    await locked;
    expect(work).toHaveBeenCalledOnce();
  });
});

describe("F26 locks that are denied, as in a sandboxed frame, do not stop the work:", () => {
  const denied = (): Promise<never> =>
    Promise.reject(new DOMException("Access to the Locks API is denied.", "SecurityError"));
  const places: Array<{ what: string; change: Partial<FakeLockManager>; delay: number }> = [
    { what: "request", change: { request: denied }, delay: 0 },
    { what: "query", change: { query: denied }, delay: PROPAGATION.free },
    { what: "both", change: { request: denied, query: denied }, delay: 0 },
  ];
  test.each(places)("$what", async ({ change, delay }) => {
    const work = vi.fn();
    const locked = lock({ ...fakeLocks().tab("a"), ...change }, work);
    await vi.advanceTimersByTimeAsync(delay);
    await locked;
    expect(work).toHaveBeenCalledOnce();
  });

  test("where nobody tells who holds the lock it is not stolen, and its turn comes", async () => {
    const locks = fakeLocks();
    const { work, end } = longWork();
    const first = lock(locks.tab("a"), work);
    const second = vi.fn();
    const after = lock({ ...locks.tab("b"), query: denied }, second);
    await vi.advanceTimersByTimeAsync(5 * DEADLINE);
    expect([second.mock.calls.length, locks.thieves]).toEqual([0, []]);
    end();
    await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
    await Promise.all([first, after]);
    expect(second).toHaveBeenCalledOnce();
  });
});

test(`the name ${NAME} is the only one that counts: another lock's holder is not taken for ours`, async () => {
  const locks = fakeLocks();
  const tab = locks.tab("b");
  const { work, end } = longWork();
  const first = lock(locks.tab("a"), work);
  const query: typeof tab.query = async () => ({ held: [{ name: "another library", clientId: "c" }] });
  const second = vi.fn();
  const after = lock({ ...tab, query }, second);
  await vi.advanceTimersByTimeAsync(3 * DEADLINE);
  expect(locks.thieves).toEqual([]);
  end();
  await vi.advanceTimersByTimeAsync(PROPAGATION.waitedFor);
  await Promise.all([first, after]);
});
