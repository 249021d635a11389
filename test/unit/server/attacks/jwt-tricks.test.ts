import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import { joseVerifier, TokenError } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { listen } from "../../../support/listen.js";

const issuer = "https://auth.example.com";
const audience = "https://api.example.com";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const attacker = generateKeyPairSync("rsa", { modulusLength: 2048 });
const attackersJwk = attacker.publicKey.export({ format: "jwk" });
const pem = rsa.publicKey.export({ type: "spki", format: "pem" });

const now = (): number => Math.floor(Date.now() / 1_000);
const claims = (more: object = {}): object => ({
  sub: "alice",
  iss: issuer,
  aud: audience,
  iat: now(),
  exp: now() + 60,
  ...more,
});
const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token whose parts are whatever they are given as, signed with RS256. */
function rs256(header: object, payload: unknown, key: KeyObject = rsa.privateKey): string {
  const input = `${encode({ alg: "RS256", ...header })}.${encode(payload)}`;
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

/** The same with ES256, whose signature may be made in another form. */
function es256(form: (input: Buffer) => Buffer): string {
  const input = `${encode({ alg: "ES256" })}.${encode(claims())}`;
  return `${input}.${form(Buffer.from(input)).toString("base64url")}`;
}

const hs256 = (secret: string | Buffer, header: object = {}): string => {
  const input = `${encode({ alg: "HS256", ...header })}.${encode(claims())}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
};

const good = rs256({}, claims());
const [header = "", payload = "", signature = ""] = good.split(".");
const unsigned = (alg: unknown): string => `${encode({ alg })}.${payload}`;

const verifyRsa = joseVerifier({
  key: createPublicKey(pem),
  issuer,
  audience,
  algorithms: ["RS256"],
  logger: {},
});
const verifyEc = joseVerifier({ key: ec.publicKey, issuer, audience, algorithms: ["ES256"], logger: {} });

const TRICKS: readonly (readonly [name: string, token: string])[] = [
  ["alg none with the signature left out", `${unsigned("none")}.`],
  ["alg none with the signature left in", `${unsigned("none")}.${signature}`],
  ["alg None", `${unsigned("None")}.`],
  ["alg nOnE", `${unsigned("nOnE")}.`],
  ["alg NONE with a space", `${unsigned("none ")}.`],
  ["an empty alg", `${unsigned("")}.${signature}`],
  ["no alg", `${unsigned(undefined)}.${signature}`],
  ["an alg that is null", `${unsigned(null)}.${signature}`],
  ["an alg that is a list", `${unsigned(["RS256"])}.${signature}`],
  ["an alg that is an object", `${unsigned({ toString: "RS256" })}.${signature}`],
  ["an alg in lower case", `${unsigned("rs256")}.${signature}`],
  ["RS512 in the place of RS256", `${unsigned("RS512")}.${signature}`],
  ["PS256 in the place of RS256", `${unsigned("PS256")}.${signature}`],
  ["HS256 with the public key as the secret (key confusion)", hs256(pem)],
  [
    "HS256 with the public key's DER as the secret",
    hs256(rsa.publicKey.export({ type: "spki", format: "der" })),
  ],
  ["HS256 with an empty secret", hs256("")],
  ["the attacker's key in the header as jwk", rs256({ jwk: attackersJwk }, claims(), attacker.privateKey)],
  ["a kid that is a path", rs256({ kid: "../../../dev/null" }, claims(), attacker.privateKey)],
  ["a kid that is SQL", rs256({ kid: "' UNION SELECT 'key" }, claims(), attacker.privateKey)],
  ["a kid that is a prototype", rs256({ kid: "__proto__" }, claims(), attacker.privateKey)],
  ["an x5c of the attacker's", rs256({ x5c: ["MIIB"] }, claims(), attacker.privateKey)],
  ["an extension that has to be understood (crit)", rs256({ crit: ["exp"], exp: now() + 60 }, claims())],
  ["an empty crit", rs256({ crit: [] }, claims())],
  ["a payload that is not encoded (b64)", rs256({ b64: false, crit: ["b64"] }, claims())],
  ["no signature", `${header}.${payload}`],
  ["an empty signature", `${header}.${payload}.`],
  ["half a signature", `${header}.${payload}.${signature.slice(0, signature.length / 2)}`],
  ["a signature of another token", `${header}.${encode(claims({ sub: "admin" }))}.${signature}`],
  ["a signature with another letter at its end", `${header}.${payload}.${signature}A`],
  ["a signature of zeros", `${header}.${payload}.${"A".repeat(342)}`],
  ["five parts, as if it were encrypted", `${encode({ alg: "dir", enc: "A256GCM" })}..x.x.x`],
  ["four parts", `${good}.x`],
  ["two tokens", `${good} ${good}`],
  ["a scheme before it", `Bearer ${good}`],
  ["a header that is no JSON", `${encode("{")}.${payload}.${signature}`],
  ["a header that is a list", `${encode([])}.${payload}.${signature}`],
  ["a header that is null", `${encode("null")}.${payload}.${signature}`],
  ["a payload that is a list", rs256({}, [])],
  ["a payload that is null", rs256({}, "null")],
  ["a payload that is a text", rs256({}, '"alice"')],
  ["a payload that is no JSON", rs256({}, "{")],
  ["an exp that is a text", rs256({}, claims({ exp: "9999999999" }))],
  ["an exp that is null", rs256({}, claims({ exp: null }))],
  ["an exp that is true", rs256({}, claims({ exp: true }))],
  ["an exp that is a list", rs256({}, claims({ exp: [now() + 60] }))],
  ["an exp below zero", rs256({}, claims({ exp: -1 }))],
  ["an exp of this second", rs256({}, claims({ exp: now() }))],
  ["an exp beyond every number", rs256({}, JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999'))],
  ["an nbf that is a text", rs256({}, claims({ nbf: "0" }))],
  ["an nbf in the future", rs256({}, claims({ nbf: now() + 60 }))],
  ["an iat that is a text", rs256({}, claims({ iat: "0" }))],
  ["a sub that is a list", rs256({}, claims({ sub: ["alice"] }))],
  ["a sub that is an object", rs256({}, claims({ sub: { toString: "alice" } }))],
  ["a sub that is null", rs256({}, claims({ sub: null }))],
  ["an iss that is a list with the right one", rs256({}, claims({ iss: [issuer] }))],
  ["an iss that begins with the right one", rs256({}, claims({ iss: `${issuer}.evil.example` }))],
  ["an iss with a slash at its end", rs256({}, claims({ iss: `${issuer}/` }))],
  ["an aud that is an object", rs256({}, claims({ aud: { 0: audience } }))],
  ["an aud that begins with the right one", rs256({}, claims({ aud: `${audience}.evil.example` }))],
  ["an empty list of aud", rs256({}, claims({ aud: [] }))],
  ["claims of a prototype", rs256({}, '{"__proto__":{"sub":"alice","exp":9999999999}}')],
];

const EC_TRICKS: readonly (readonly [name: string, token: string])[] = [
  ["zeros for r and s (psychic signature)", es256(() => Buffer.alloc(64))],
  ["a signature in DER", es256((input) => sign("sha256", input, ec.privateKey))],
  ["an empty signature", es256(() => Buffer.alloc(0))],
  ["the order of the curve for r and s", es256(() => Buffer.alloc(64, 0xff))],
];

async function codeFor(verify: (token: string) => Promise<unknown>, token: string): Promise<string> {
  try {
    await verify(token);
    return "let in";
  } catch (error) {
    if (error instanceof TokenError) return error.data.error;
    throw error;
  }
}

describe("a JWT with", () => {
  test.each(TRICKS)("%s is invalid_token", async (_, token) => {
    expect(await codeFor(verifyRsa, token)).toBe("invalid_token");
  });

  test.each(EC_TRICKS)("%s is invalid_token", async (_, token) => {
    expect(await codeFor(verifyEc, token)).toBe("invalid_token");
  });

  test("none of them is let in, as the pair that is right is", async () => {
    expect(await codeFor(verifyRsa, good)).toBe("let in");
    const raw = es256((input) => sign("sha256", input, { key: ec.privateKey, dsaEncoding: "ieee-p1363" }));
    expect(await codeFor(verifyEc, raw)).toBe("let in");
  });

  test.each(["jku", "x5u"])(
    "a %s in its header is refused, and nothing is fetched from there",
    async (name) => {
      let asked = 0;
      const http = createServer((_, response) => {
        asked += 1;
        response.end(JSON.stringify({ keys: [attackersJwk] }));
      });
      const url = `${await listen(http)}/`;
      onTestFinished(() => void http.close());
      expect(await codeFor(verifyRsa, rs256({ [name]: url }, claims(), attacker.privateKey))).toBe(
        "invalid_token",
      );
      expect(asked).toBe(0);
    },
  );
});
