import { redact } from "socket-rotor/inspect";
import { describe, expect, test, vi } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import { createFailures } from "../../../src/redaction/failures.js";
import { mask, maskData, maskError } from "../../../src/redaction/mask.js";
import { jwt } from "../../support/tokens.js";

const opaque = "s3cr3t-0f-alice-7c9e6679f8b1";
const token = jwt({ sub: "alice", name: "Alice Liddell", scope: "read write" });
const long = `long-${"0123456789abcdef".repeat(60)}-token`;
const secrets = [opaque, token, long];

const SMALL = 10_000;
const LARGE = 1_000_000;
/** A hundred would be linear; without a limit and in quadratic time it is ten thousand. */
const BOUND = 50;
/** To list the keys of an object takes linear time in itself, and makes garbage. */
const BOUND_OF_KEYS = 500;

/** The same block again and again, as one flat string, as it comes from the wire. */
const filled = (block: string, length: number): string =>
  Buffer.from(block.repeat(Math.ceil(length / block.length)).slice(0, length)).toString();

/** The quickest of many runs, in milliseconds: what else the machine does makes a run slower, and never quicker. */
function costOf(run: () => unknown): number {
  run();
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** How much more a megabyte costs than ten kilobytes; what is too small to be measured counts as a tenth of a millisecond. */
function growth(run: (length: number) => () => unknown): number {
  return costOf(run(LARGE)) / Math.max(0.1, costOf(run(SMALL)));
}

const BLOCKS: Readonly<Record<string, string>> = {
  eyJ: "eyJ",
  "eyJ after eyJ": "eyJeyJhbGci",
  "eyJ and dots": "eyJ.",
  "eyJ with a dot far away": `${"eyJhbGci".repeat(1_000)}.`,
  dots: ".",
  "long runs of base64": `${"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo".repeat(50)} `,
  "one run of base64": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo",
  "ordinary words": "the server could not be reached just now ",
  "near-tokens": `${opaque.slice(0, 11)}!${token.slice(30, 41)} `,
  "the token": `${token} `,
  "the token without a gap": token,
  "beginnings of a long token": `${long.slice(0, -1)} ${long.slice(0, 500)} `,
  "a part of a long token": "0123456789abcdef",
  spaces: " ",
  lines: "\n    at eyJ (file.js:1:2)",
};

describe("F41 masking a megabyte costs hardly more than masking ten kilobytes:", () => {
  test.each(Object.entries(BLOCKS))("a text of %s", (_what, block) => {
    const text = (length: number): string => filled(block, length);
    expect(growth((length) => run(mask, text(length)))).toBeLessThan(BOUND);
    const failed = (length: number): Error => Object.assign(new Error(text(length)), { code: text(length) });
    expect(growth((length) => run(maskError, failed(length)))).toBeLessThan(BOUND);
    expect(growth((length) => run(maskData, { [text(length)]: text(length) }))).toBeLessThan(BOUND);
  });
  const run =
    <T>(how: (given: T, secrets: readonly string[]) => unknown, given: T) =>
    () =>
      // A new list each time: nothing that was worked out for it before may help.
      how(given, [...secrets]);
});

test.each(Object.entries(BLOCKS))(
  "F41 within the limit too, time is linear for text of %s",
  (_what, block) => {
    const cost = (length: number): number => {
      const text = filled(block, length);
      return costOf(() => mask(text, [...secrets]));
    };
    // Ten would be linear, and a hundred quadratic.
    expect(cost(15_000) / Math.max(0.1, cost(1_500))).toBeLessThan(45);
  },
);

const nested = (depth: number, width: number): unknown =>
  depth === 0 ? opaque : Array.from({ length: width }, () => nested(depth - 1, width));
const chain = (length: number): unknown => {
  let data: unknown = opaque;
  for (let depth = 0; depth < length / 10; depth += 1) data = { down: data };
  return data;
};
const cyclic = (length: number): unknown => {
  const data: unknown[] = [];
  for (let at = 0; at < length / 100; at += 1) data.push(data, opaque);
  return data;
};
const SHAPES: Readonly<Record<string, (length: number) => unknown>> = {
  deep: chain,
  "wide and deep": (length) => nested(3, Math.round((length / 10) ** (1 / 3))),
  "wide and cyclic": cyclic,
  "the same parts again and again": (length) => {
    let part: unknown = opaque;
    for (let depth = 0; depth < 5; depth += 1) part = Array.from({ length: length / 1_000 }, () => part);
    return part;
  },
  "a list of numbers": (length) => Array.from({ length: length / 2 }, (_, at) => at),
  "a list of nothing": (length) => new Array(length),
  "a list of short strings": (length) => Array.from({ length: length / 10 }, (_, at) => `eyJ${at}.`),
  "many keys": (length) =>
    Object.fromEntries(Array.from({ length: length / 50 }, (_, at) => [`eyJ${at}.`, opaque])),
  "long keys": (length) =>
    Object.fromEntries(["a", "b", "c"].map((key) => [filled(`${key}eyJ`, length / 3), opaque])),
};

describe("F41 masking data that came as a megabyte costs hardly more than data of ten kilobytes:", () => {
  test.each(Object.entries(SHAPES))("data that is %s", (what, shape) => {
    const masked = (length: number): (() => unknown) => {
      const data = shape(length);
      return () => maskData(data, [...secrets]);
    };
    expect(growth(masked)).toBeLessThan(what === "many keys" ? BOUND_OF_KEYS : BOUND);
    expect(JSON.stringify(masked(LARGE)())).not.toContain(opaque.slice(0, 12));
    const shown = (length: number): (() => unknown) => {
      const data = shape(length);
      return () => redact({ type: "@xstate.event", event: { type: "io.failed", code: data, reason: data } });
    };
    expect(growth(shown)).toBeLessThan(BOUND);
  });

  test("an error with a long line of causes", () => {
    const masked = (length: number): (() => unknown) => {
      let error = new Error(opaque);
      for (let at = 0; at < length / 1_000; at += 1)
        error = new Error(filled("eyJ", 1_000), { cause: error });
      return () => maskError(error, [...secrets]);
    };
    expect(growth(masked)).toBeLessThan(BOUND);
  });
});

describe("F41 a text that is too long is cut, says so, and at the cut", () => {
  const CUT = /\[cut\]$/;

  test.each([
    ["a token of letters", opaque],
    ["a JWT", token],
    ["a JWT of somebody else", jwt({ sub: "mallory", of: "nobody's".repeat(5) })],
    ["a secret of other characters", "$2b$10:abc,def;ghi|jkl"],
    ["a short secret", "hunter2"],
  ])("no part of %s is left", (_what, secret) => {
    const known = secret.startsWith("eyJ") && secret !== token ? [] : [secret];
    const whole = mask(filled("word ", 100_000), []);
    expect(whole).toMatch(CUT);
    const limit = whole.length - "[cut]".length;
    for (let before = -2; before <= secret.length + 2; before += 1) {
      const said = mask(`${filled("word ", limit - before - 1)} ${secret} ${filled("word ", 1_000)}`, known);
      expect(said).toMatch(CUT);
      const length = Math.min(12, secret.length);
      for (let at = 0; at + length <= secret.length; at += 1)
        expect(said).not.toContain(secret.slice(at, at + length));
      // Nor its beginning, which is shorter.
      if (before > 0) expect(said).not.toContain(` ${secret.slice(0, 3)}`);
    }
  });

  test("no part of a word is left of which more was to come", () => {
    expect(mask(filled("a", 100_000), [])).toBe("[redacted][cut]");
  });

  test("what is short enough is whole", () => {
    expect(mask(filled("word ", 10_000), secrets)).toBe(filled("word ", 10_000));
  });

  test("a token that is too long to be looked for hides every text", () => {
    expect(mask("refused", ["x".repeat(100_000)])).toBe("[redacted]");
  });

  test("data says where something was left out", () => {
    expect(JSON.stringify(maskData(SHAPES["many keys"]?.(LARGE), []))).toContain('"[cut]":"[cut]"');
    expect(JSON.stringify(maskData(SHAPES["a list of short strings"]?.(LARGE), []))).toMatch(/"\[cut\]"\]$/);
    expect(maskData([filled("word ", 100_000), "more"], [])).toEqual([expect.stringMatching(CUT), "[cut]"]);
  });
});

test("F41 each text of an error is looked at once, wherever the error passes", () => {
  const looked = vi.spyOn(String.prototype, "matchAll");
  const given = new ConnectionError("ERR_REFUSED", `refused ${opaque}`, {
    cause: new Error(`because of ${opaque}`),
    data: { error: `data with ${opaque}` },
  });
  const failures = createFailures(1_000, {
    mask: (text) => mask(text, secrets),
    maskError: (cause) => maskError(cause, secrets),
    maskData: (data) => maskData(data, secrets),
  });
  const noted = failures.clean(failures.clean(given));
  const texts = looked.mock.contexts.map(String);
  looked.mockRestore();
  expect(noted.message).toBe("refused [redacted]");
  expect(texts.filter((text) => text === `refused ${opaque}`)).toHaveLength(1);
  expect(texts).toHaveLength(new Set(texts).size);
});

test("F41 words with which code compares are never masked, however short the token is", () => {
  for (const words of [
    "io server disconnect",
    "io client disconnect",
    "ping timeout",
    "transport close",
    "transport error",
    "parse error",
    "forced close",
    "token rotation",
    "invalid_token",
    "session_changed",
    "temporarily_unavailable",
  ]) {
    for (const secret of [words.slice(0, 1), words.slice(1, 4), words.split(/[ _]/)[0] ?? "", "e"]) {
      expect(mask(words, [secret])).toBe(words);
      expect(mask(`${words} of ${secret}`, [secret])).toContain("[redacted]");
    }
    expect(mask(words, ["x".repeat(100_000)])).toBe(words);
  }
});
