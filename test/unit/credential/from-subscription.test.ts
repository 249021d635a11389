import { fromSubscription, isConnectionError } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection, thrown } from "../../support/rejection.js";
import { collectUncaught } from "../../support/uncaught.js";
import { untyped } from "../../support/untyped.js";
import { READ_TIMEOUT, sourceHarness, types } from "./source-harness.js";

const nothing = (): void => {};

describe("the token", () => {
  test.each([
    ["a string", "first", "first"],
    ["null", null, null],
    ["undefined", undefined, null],
  ])("%s is read at once, or by promise", async (_what, token, value) => {
    expect(fromSubscription({ read: () => token, subscribe: () => nothing }).read()).toBe(value);
    expect(await fromSubscription({ read: async () => token, subscribe: () => nothing }).read()).toBe(value);
  });

  test.each([
    ["throws", () => Promise.reject(new Error("offline")), "ERR_STORAGE_READ"],
    ["hangs", () => new Promise<null>(nothing), "ERR_STORAGE_TIMEOUT"],
  ])("a read that %s is could-not-find-out, and the user stays", async (_what, trouble, code) => {
    let read: () => string | Promise<null> = () => "first";
    const { source, events, clock, token } = sourceHarness(
      fromSubscription({ read: () => read(), subscribe: () => nothing }),
    );
    source.read();
    read = trouble;
    source.read();
    await clock.advance(READ_TIMEOUT);
    await promisesSettled();
    expect(events.at(-1)).toEqual({ type: "token.unreadable", code });
    expect(token()).toBe("first");
  });
});

describe("writing", () => {
  test("without write the adapter has none, and login(token) is refused", async () => {
    const adapter = fromSubscription({ read: () => null, subscribe: () => nothing });
    expect("write" in adapter).toBe(false);
    await rejection(sourceHarness(adapter).source.login("x"), "ERR_STORAGE_READ_ONLY");
  });

  test("write is the client's own, called as its method", async () => {
    const client = {
      token: "first" as string | null,
      read() {
        return this.token;
      },
      write(token: string | null) {
        this.token = token;
      },
      subscribe: () => nothing,
    };
    const { source, token } = sourceHarness(fromSubscription(client));
    await source.login("second");
    expect([client.token, token()]).toEqual(["second", "second"]);
  });
});

describe("a subscription", () => {
  const end = vi.fn();
  test.each([
    ["a function", end, 1],
    ["an object with unsubscribe", { unsubscribe: end }, 1],
    ["Supabase's object", { data: { subscription: { unsubscribe: end } } }, 1],
    ["several of them", [end, { unsubscribe: end }, [end]], 3],
  ])("is ended through %s", (_what, given, times) => {
    end.mockClear();
    fromSubscription({ read: () => null, subscribe: () => given }).subscribe(nothing)();
    expect(end).toHaveBeenCalledTimes(times);
  });

  test("one of several that throws at its end does not keep the others", async () => {
    end.mockClear();
    const fails = () => {
      throw new Error("gone already");
    };
    const stop = fromSubscription({ read: () => null, subscribe: () => [fails, end] }).subscribe(nothing);
    expect(await collectUncaught(stop)).toEqual([new Error("gone already")]);
    expect(end).toHaveBeenCalledOnce();
  });

  test("the client may call back at once, with anything, and is given nothing to wait for", () => {
    const answers: unknown[] = [];
    const heard: unknown[][] = [];
    const client = {
      read: () => null,
      subscribe(callback: (...args: unknown[]) => unknown) {
        answers.push(callback("INITIAL_SESSION", { access_token: "x" }));
        return nothing;
      },
    };
    const adapter = fromSubscription(untyped(client));
    adapter.subscribe(untyped((...args: unknown[]) => heard.push(args)));
    expect([answers, heard]).toEqual([[undefined], [[]]]);
  });

  test.each([
    [undefined],
    [null],
    [42],
    [{}],
    [{ data: null }],
    [{ data: { subscription: null } }],
    [Promise.resolve(nothing)],
    [[nothing, undefined]],
  ])(
    "one that gives back %j cannot be ended: an error in words, and the client is not asked again",
    (given) => {
      const subscribe = vi.fn(() => untyped<() => void>(given));
      const adapter = fromSubscription({ read: () => "first", subscribe });
      const { message } = thrown(() => adapter.subscribe(nothing), "ERR_INVALID_OPTION");
      expect(message).toContain("fromSubscription: subscribe has to give back what ends the subscription");
      const { source, log, events, stop } = sourceHarness(adapter);
      source.read();
      source.read();
      stop();
      expect(subscribe).toHaveBeenCalledOnce();
      expect(types(events)).toEqual(["token.changed", "token.unchanged"]);
      expect(log.filter((line) => line.includes("fromSubscription: subscribe has to"))).toHaveLength(1);
    },
  );
});

test.each([[undefined], [null], [{}], [{ read: nothing }], [{ subscribe: nothing }]])(
  "%j is refused at once",
  (client) => {
    const make = () => Reflect.apply(fromSubscription, undefined, [client]);
    const error = thrown(make, "ERR_INVALID_OPTION");
    expect([isConnectionError(error), error.message]).toEqual([true, expect.stringContaining("is missing")]);
  },
);
