import { describe, expect, test } from "vitest";
import { mask, maskData, maskError } from "../../../src/redaction/mask.js";
import { findSecrets } from "../../quality/canary/secrets.js";
import { jwt } from "../../support/tokens.js";

const opaque = "s3cr3t-0f-alice-7c9e6679f8b1";

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

describe("a text", () => {
  test("loses every word that shares twelve characters in a row with a secret", () => {
    for (const word of [
      opaque,
      opaque.slice(0, 12),
      opaque.slice(5, 17),
      opaque.slice(-12),
      `prefix_${opaque}_suffix`,
    ]) {
      expect(mask(`refused: ${word}, sorry`, [opaque])).toBe("refused: [redacted], sorry");
    }
  });

  test("keeps words that share less, and all that share nothing", () => {
    const harmless = `refused ${opaque.slice(0, 11)} at https://api.example.com/socket.io by AuthenticationMiddleware`;
    expect(mask(harmless, [opaque])).toBe(harmless);
    expect(mask(harmless, [])).toBe(harmless);
  });

  test("loses everything that looks like a JWT, of any user", () => {
    const other = jwt({ sub: "somebody" });
    for (const text of [
      `GET /?token=${other}&v=2`,
      other,
      `Bearer ${other}`,
      `{"token":"${other}"}`,
      `(${other.split(".").slice(0, 2).join(".")})`,
    ]) {
      expect(mask(text, [])).not.toContain(other.slice(20, 32));
    }
  });

  test.each([
    "$2b$10:abc,def;ghi|jkl",
    "user:1234 pass:5678 pin:9012",
    "ключ-от-всех-дверей",
    '{"k":"v1w2x3y4z5"}',
  ])("loses a secret of any characters: %s", (secret) => {
    const said = mask(`refused <<${secret}>>, and ${secret.slice(2, 16)} too`, [secret]);
    for (let at = 0; at + 12 <= secret.length; at += 1) expect(said).not.toContain(secret.slice(at, at + 12));
  });

  test("loses a secret that is shorter than twelve characters as a whole", () => {
    expect(mask("refused hunter2, sorry", ["hunter2"])).toBe("refused [redacted], sorry");
    expect(mask("refused_hunter2_in_a_long_word", ["hunter2"])).toBe("[redacted]");
  });

  test("loses parts of a URL or a header in which the secret is glued to others", () => {
    expect(mask(`GET /?token=${opaque}&v=2`, [opaque])).not.toContain(opaque.slice(0, 12));
    expect(mask(`authorization:Bearer ${opaque}`, [opaque])).toBe("authorization:Bearer [redacted]");
  });
});

describe("data", () => {
  test("is copied, keys and all, less the secrets", () => {
    const data = {
      error: "invalid_token",
      token: opaque,
      list: [1, opaque, null, true],
      deep: { [opaque]: { at: opaque } },
    };
    expect(maskData(data, [opaque])).toEqual({
      error: "invalid_token",
      token: "[redacted]",
      list: [1, "[redacted]", null, true],
      deep: { "[redacted]": { at: "[redacted]" } },
    });
    expect(data.token).toBe(opaque);
  });

  test("that is no plain data is left out", () => {
    expect(maskData(() => opaque, [opaque])).toBeUndefined();
    expect(maskData(Symbol(opaque), [opaque])).toBeUndefined();
    expect(maskData(10n, [opaque])).toBeUndefined();
    expect(JSON.stringify(maskData(new Map([[opaque, opaque]]), [opaque]))).toBe("{}");
  });

  test("that is cyclic or deeper than six levels ends", () => {
    const cyclic: { self?: unknown; token: string } = { token: opaque };
    cyclic.self = cyclic;
    const copy = JSON.stringify(maskData(cyclic, [opaque]));
    expect([copy.split("[redacted]").length - 1, copy.includes(opaque)]).toEqual([6, false]);
  });

  test("of binary from the server is not spelled out byte by byte", () => {
    expect(JSON.stringify(maskData(new Uint8Array(1_000), []))?.length ?? 0).toBeLessThan(100);
  });
});

describe("an error", () => {
  class HttpError extends Error {
    override name = "HttpError";
    /** Found where its class is, and not on the error. */
    get body() {
      return opaque;
    }
    constructor(
      readonly status: number,
      message: string,
      options?: ErrorOptions,
    ) {
      super(message, options);
    }
  }

  test("keeps its name, its words and the codes of its own, less the secrets, and nothing else", () => {
    const cause = Object.assign(new HttpError(503, `bad ${opaque}`), {
      code: "E_DOWN",
      statusText: `down for ${opaque}`,
      errno: -111,
      // There may be anything in them, such as a token that was never current.
      url: "https://api.example.com/?code=another-secret",
      refreshToken: "another-secret",
      isRetryable: true,
      // What has parts of its own is no code.
      type: { authorization: opaque },
      [opaque]: "by name",
      toJSON: () => opaque,
    });
    const copy = maskError(cause, [opaque]);
    expect(String(copy)).toBe("HttpError: bad [redacted]");
    expect({ ...copy }).toEqual({
      name: "HttpError",
      status: 503,
      code: "E_DOWN",
      statusText: "down for [redacted]",
      errno: -111,
    });
    expect("body" in copy).toBe(false);
    expect(findSecrets(copy, [opaque])).toEqual([]);
  });

  test("keeps the frames in which it came about, and the library's are not put in their place", () => {
    function askTheServer(): Error {
      return new TypeError(`bad ${opaque}\n    and more`);
    }
    const thrown = askTheServer();
    const { stack = "" } = maskError(thrown, [opaque]);
    expect(stack.split("\n    at ")[0]).toBe("TypeError: bad [redacted]\n    and more");
    expect(stack).toContain("askTheServer");
    expect(stack.split("\n    at ").slice(1)).toEqual(thrown.stack?.split("\n    at ").slice(1));
    expect(stack).not.toContain("maskError");
  });

  test.each([
    ["V8", "TypeError: bad\n    at ask (file.js:1:2)\n    at file.js:3:4"],
    ["SpiderMonkey", "ask@https://example.com/file.js:1:2\n@https://example.com/file.js:3:4\n"],
    ["JavaScriptCore", "ask@https://example.com/file.js:1:2\nglobal code@https://example.com/file.js:3:4"],
  ])("keeps the frames as %s writes them", (_engine, written) => {
    const thrown = Object.assign(new TypeError("bad"), { stack: written });
    expect(maskError(thrown, []).stack).toBe(written.trim());
  });

  test("loses secrets in its frames too", () => {
    const thrown = Object.assign(new Error("bad"), {
      stack: `Error: bad\n    at eval (https://api.example.com/?token=${opaque}:1:2)`,
    });
    const { stack = "" } = maskError(thrown, [opaque]);
    expect([stack.includes("at eval"), findSecrets(stack, [opaque])]).toEqual([true, []]);
  });

  test("without a stack has none of the library's", () => {
    for (const stack of [undefined, "", 42, `only ${opaque}`]) {
      const thrown = Object.defineProperty(new Error("bad"), "stack", { value: stack });
      expect(maskError(thrown, [opaque]).stack).toBe("Error: bad");
    }
  });

  test("keeps the errors that led to it, likewise", () => {
    const refused = Object.assign(new Error(`connect ECONNREFUSED ${opaque}`), { code: "ECONNREFUSED" });
    const failed = new TypeError("fetch failed", { cause: new HttpError(0, "inner", { cause: refused }) });
    const copy = maskError(failed, [opaque]);
    expect([String(copy.cause), String(causeOf(copy.cause))]).toEqual([
      "HttpError: inner",
      "Error: connect ECONNREFUSED [redacted]",
    ]);
    expect(causeOf(copy.cause)).toMatchObject({ code: "ECONNREFUSED" });
    expect(findSecrets(copy, [opaque])).toEqual([]);
  });

  test("that was led to by something other than an error does not tell of that", () => {
    for (const cause of [opaque, { token: opaque }, 42, null]) {
      expect("cause" in maskError(new Error("x", { cause }), [opaque])).toBe(false);
    }
  });

  test("that led to itself, or has too many behind it, ends", () => {
    const cyclic = new Error(`bad ${opaque}`);
    cyclic.cause = new Error("inner", { cause: cyclic });
    let depth = 0;
    for (let at: unknown = maskError(cyclic, [opaque]); at !== undefined; at = causeOf(at)) depth += 1;
    expect(depth).toBe(6);
    expect(findSecrets(maskError(cyclic, [opaque]), [opaque])).toEqual([]);
  });

  test("loses a number that is a secret, and keeps what belongs to every error as it is", () => {
    const strange = Object.assign(new Error("x"), {
      pin: 123456789012,
      toString: "text",
      constructor: "text",
    });
    const copy = maskError(strange, ["123456789012"]);
    expect([String(copy), "pin" in copy, copy.constructor]).toEqual(["Error: x", false, Error]);
  });

  test("that was no Error tells its type only", () => {
    for (const thrown of [opaque, { token: opaque }, undefined]) {
      expect(maskError(thrown, []).message).toBe(
        `something other than an Error was thrown: ${typeof thrown}`,
      );
    }
  });

  test("with a name or a message that is no text does not throw", () => {
    const strange = new Error("x");
    Object.defineProperty(strange, "message", { value: 42 });
    Object.defineProperty(strange, "name", { value: undefined });
    expect(maskError(strange, [opaque])).toBeInstanceOf(Error);
  });
});
