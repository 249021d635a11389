import { describe, expect, test } from "vitest";
import { mask, maskData, maskError } from "../../src/inspect/mask.js";
import { jwt } from "../tokens.js";

const opaque = "s3cr3t-0f-alice-7c9e6679f8b1";

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

  test("loses everything that looks like a JWT, whoever's it is", () => {
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
  test("keeps its name and its words, and nothing else", () => {
    const cause = Object.assign(new TypeError(`bad ${opaque}`, { cause: opaque }), { token: opaque });
    const copy = maskError(cause, [opaque]);
    expect([String(copy), copy.cause, "token" in copy, copy.stack?.includes(opaque)]).toEqual([
      "TypeError: bad [redacted]",
      undefined,
      false,
      false,
    ]);
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
