import { memoryStorage } from "socket-rotor";
import {
  accept,
  answer,
  connectionModel,
  contractServer,
  fakeIo,
  ioContract,
  kick,
  refuse,
  simulatedClock,
  storageContract,
  unreachable,
} from "socket-rotor/testing";
import { describe, expect, test, vi } from "vitest";
import { untyped } from "../../support/untyped.js";
import { fakeHarness } from "./fake-harness.js";

/** What code without types may call. */
type Loose = (...given: unknown[]) => unknown;
const loose = (given: unknown): Loose => untyped(given);

const invalid = (message: RegExp) =>
  expect.objectContaining({ code: "ERR_INVALID_OPTION", message: expect.stringMatching(message) });

const sound = () => {
  const adapter = memoryStorage();
  return { adapter, set: (token: string | null) => adapter.write(token) };
};

/** The first rule, or case, of what is wrong. */
async function first(rules: unknown): Promise<void> {
  const [rule]: { run(): Promise<void> }[] = untyped(rules);
  await rule?.run();
}

describe("is refused by name at once:", () => {
  const mistakes: [what: string, make: () => unknown, message: RegExp][] = [
    [
      "a storage contract of nothing",
      () => loose(storageContract)(),
      /^storageContract\(create\) takes a function/,
    ],
    ["a storage contract of a harness", () => loose(storageContract)(sound()), /but got an object\.$/],
    ["an IO contract of nothing", () => loose(ioContract)(), /^ioContract\(create\) takes a function/],
    [
      "a contract server of nothing",
      () => loose(contractServer)(),
      /takes a Server of Socket\.IO's, but got undefined/,
    ],
    ["a contract server of an address", () => loose(contractServer)("http://localhost"), /but got a string/],
    [
      "an option that there is not",
      () => loose(connectionModel)({ setup: ["with refresh"] }),
      /there is no "setup"\. It takes: extend, io, settled, setups, storage\.$/,
    ],
    [
      "a set-up that there is not",
      () => loose(connectionModel)({ setups: ["nope"] }),
      /there is no set-up "nope"\. There are "with refresh", /,
    ],
    [
      "a name that every object has",
      () => loose(connectionModel)({ setups: ["toString"] }),
      /there is no set-up "toString"/,
    ],
    [
      "no set-up",
      () => connectionModel({ setups: [] }),
      /"setups" takes an array of at least one of "with refresh"/,
    ],
    ["a set-up alone", () => loose(connectionModel)({ setups: "with refresh" }), /"setups" takes an array/],
    ["options that are none", () => loose(connectionModel)(5), /takes an object, but got a number/],
    [
      "a storage in place of what makes one",
      () => loose(connectionModel)({ storage: memoryStorage() }),
      /"storage" takes a function/,
    ],
    [
      "an adapter in place of a layer",
      () => loose(connectionModel)({ io: fakeIo() }),
      /"io" takes a function/,
    ],
    [
      "a settled that is no function",
      () => loose(connectionModel)({ settled: 5 }),
      /"settled" takes a function/,
    ],
    [
      "an extend that answers nothing",
      () => loose(connectionModel)({ extend: () => {} }),
      /"extend" .* it answered with undefined\.$/,
    ],
    [
      "an extend that answers another object",
      () => loose(connectionModel)({ extend: () => ({}) }),
      /"extend" .* it answered with an object\.$/,
    ],
    [
      "a behaviour that was not called",
      () => loose(fakeIo)(accept),
      /got the function accept where it takes what that answers with: accept\(\.\.\.\)/,
    ],
    [
      "a behaviour that is a word",
      () => loose(fakeIo)("accept"),
      /takes behaviours, such as accept\(\), .* but got a string/,
    ],
    ["no behaviour", () => fakeIo().behave(), /^io\.behave\(\.\.\.behaviours\) takes at least one/],
    [
      "an answer to a handshake that is for another token",
      () => fakeIo(answer({ ok: true })),
      /a behaviour for a re-authentication, which would never answer a handshake/,
    ],
    [
      "an answer to another token that is for a handshake",
      () => fakeIo().behaveOnReauthentication(accept()),
      /a behaviour for a handshake, which would never answer a re-authentication\. Give answer\(/,
    ],
    [
      "a refusal of another token",
      () => fakeIo().behaveOnReauthentication(refuse("refresh")),
      /Give answer\(/,
    ],
    [
      "a kick of another token",
      () => fakeIo().behaveOnReauthentication(kick(), unreachable()),
      /Give answer\(/,
    ],
    [
      "a verdict that there is not",
      () => loose(refuse)("denied"),
      /"retry", "refresh", "logout", but got "denied"\.$/,
    ],
    ["a refusal without a verdict", () => loose(refuse)(), /but got undefined\.$/],
    [
      "a time to stay away that is none",
      () => loose(refuse)("retry", "5s"),
      /milliseconds of at least 0, but got a string/,
    ],
    [
      "an answer that is none",
      () => loose(answer)(),
      /^answer\(given\): it takes an object with ok, but got undefined\.$/,
    ],
    ["an answer without a verdict", () => loose(answer)({ ok: false }), /"replace", but got undefined\.$/],
    [
      "a server half that is true",
      () => loose(accept)(true),
      /^accept\(serverHalf\): it takes an object, but got a boolean/,
    ],
    ["a word that no server half says", () => loose(accept)({ reauth: true }), /there is no "reauth"/],
    [
      "a lifetime in words",
      () => loose(accept)({ expiresIn: "60s" }),
      /"expiresIn" takes milliseconds, but got a string/,
    ],
    ...[undefined, Number.NaN, "1000", -1, Number.POSITIVE_INFINITY].map(
      (given): [string, () => unknown, RegExp] => [
        `an advance by ${typeof given} ${given}`,
        () => loose(simulatedClock().advance)(given),
        /^clock\.advance\(milliseconds\) takes a finite number of at least 0, but got /,
      ],
    ),
  ];
  for (const [what, make, message] of mistakes) {
    test(what, () => expect(make).toThrow(invalid(message)));
  }
});

describe("a harness is refused by its rule, and the adapter is not blamed:", () => {
  const harnesses: [what: string, rules: () => unknown, message: RegExp][] = [
    [
      "none",
      () => loose(storageContract)(() => undefined),
      /^storageContract, the harness .*: it takes an object with adapter, set, but got undefined\.$/,
    ],
    [
      "an adapter in its place",
      () => loose(storageContract)(() => memoryStorage()),
      /"adapter" is missing\. It takes a storage adapter\.$/,
    ],
    ["without set", () => loose(storageContract)(() => ({ adapter: memoryStorage() })), /"set" is missing/],
    [
      "a slip of the pen",
      () => loose(storageContract)(() => ({ ...sound(), setFail() {} })),
      /there is no "setFail"\. It takes: .*setFailing/,
    ],
    [
      "an adapter without a method",
      () => loose(storageContract)(() => ({ ...sound(), adapter: { read: () => null } })),
      /"adapter" takes a storage adapter; its method "subscribe" is missing/,
    ],
    ["without adapters", () => loose(ioContract)(() => ({})), /^ioContract, the harness .*: "io" is missing/],
    [
      "Socket.IO's server as it is",
      () => loose(ioContract)(() => ({ ...fakeHarness(), server: { send() {}, drop() {} } })),
      /as contractServer\(io\) makes one; its array "log" is missing/,
    ],
    [
      "a storage for the model",
      () => loose(connectionModel)({ storage: () => memoryStorage(), setups: ["without refresh"] }),
      /^connectionModel, the harness .*: "adapter" is missing/,
    ],
    [
      "a layer that answers nothing",
      () => loose(connectionModel)({ io: () => undefined, setups: ["without refresh"] }),
      /"io" takes a function that answers with an IO adapter .* answered with undefined/,
    ],
  ];
  test.each(harnesses)("%s", async (_, rules, message) => {
    await expect(first(rules())).rejects.toEqual(invalid(message));
  });

  test("an instance of a class may keep what it likes", async () => {
    class Harness {
      store = memoryStorage();
      adapter = this.store;
      set = (token: string | null) => this.store.write(token);
    }
    await first(storageContract(() => new Harness()));
  });

  test("it is still disposed of", async () => {
    const dispose = vi.fn();
    await expect(first(loose(storageContract)(() => ({ dispose })))).rejects.toThrow();
    expect(dispose).toHaveBeenCalledOnce();
  });
});

describe("a rule that cannot be checked", () => {
  const unchecked = storageContract(sound).filter(({ name }) => /fails|works again/.test(name));

  test("is skipped by a runner that can, which is told why", async () => {
    expect(unchecked.length).toBe(3);
    for (const { run } of unchecked) {
      const skip = vi.fn();
      await run({ skip });
      expect(skip.mock.calls).toEqual([["not checked: the harness has no setFailing."]]);
    }
  });

  test("is skipped by a runner whose context is a function, as Vitest's is", async (context) => {
    expect(typeof context).toBe("function");
    const skip = vi.fn();
    for (const { run } of unchecked) await run(Object.assign(() => {}, { skip }));
    expect(skip).toHaveBeenCalledTimes(3);
  });

  test("is said on the console once where the runner cannot, and takes no parameter that it could misread", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    for (const { run } of unchecked) {
      expect(run.length).toBe(0);
      await run();
    }
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^\[socket-rotor\] storageContract did not check ".*": the harness has no setFailing\.$/,
        ),
      ],
    ]);
    warn.mockRestore();
  });

  test("is one about writes where only reads can be made to fail", async () => {
    const adapter = memoryStorage();
    let isFailing = false;
    const read = () => {
      if (isFailing) throw new Error("away");
      return adapter.read();
    };
    const skips: string[] = [];
    const rules = storageContract(() => ({
      adapter: { ...adapter, read },
      set: (token) => adapter.write(token),
      setFailing: (next) => {
        isFailing = next;
      },
    }));
    for (const { run } of rules) await run({ skip: (why: string) => skips.push(why) });
    expect(skips).toEqual(["not checked: the harness's setFailing does not make writes fail."]);
  });
});
