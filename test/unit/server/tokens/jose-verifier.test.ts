import { createHmac, createPublicKey, createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type JoseOptions, joseVerifier, TokenError } from "socket-rotor/server";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { listen } from "../../../support/listen.js";
import { connected, refused, startServer } from "../../../support/real-server.js";
import { thrown } from "../../../support/rejection.js";
import { untyped } from "../../../support/untyped.js";

const issuer = "https://auth.example.com";
const audience = "https://api.example.com";
const algorithms = ["RS256"];
const now = (): number => Math.floor(Date.now() / 1_000);
const claims = (more: JWTPayload = {}): JWTPayload => ({
  sub: "alice",
  iss: issuer,
  aud: audience,
  iat: now(),
  exp: now() + 60,
  jti: "token-1",
  ...more,
});

const without = (name: string): JWTPayload =>
  Object.fromEntries(Object.entries(claims()).filter(([claim]) => claim !== name));

let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let other: Awaited<ReturnType<typeof generateKeyPair>>;
let pem: string;
beforeAll(async () => {
  pair = await generateKeyPair("RS256", { extractable: true });
  other = await generateKeyPair("RS256");
  pem = await exportSPKI(pair.publicKey);
});

const sign = (payload: JWTPayload, key = pair.privateKey, kid = "k1"): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid }).sign(key);

/** The word by which a token is refused. */
async function wordFor(verify: (token: string) => Promise<unknown>, token: string): Promise<string> {
  const error = await verify(token).then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TokenError)) throw error;
  return error.data.error;
}

const withKey = (more: Partial<JoseOptions> = {}) =>
  joseVerifier({ key: createPublicKey(pem), issuer, audience, algorithms, ...more });

describe("a good token", () => {
  test("is answered with its subject, its times and its id", async () => {
    const payload = claims();
    expect(await withKey()(await sign(payload))).toEqual({
      subject: "alice",
      expiresAt: Number(payload.exp) * 1_000,
      issuedAt: Number(payload.iat) * 1_000,
      tokenId: "token-1",
    });
  });

  test("brings the data that was asked for, and is let in by authenticateToken", async () => {
    const server = await startServer({ verify: withKey({ data: ({ scope }) => ({ scope }) }) });
    await connected(server.client().join("/", { token: await sign(claims({ scope: "read" })) }));
    const [socket] = server.io.sockets.sockets.values();
    expect(socket?.data).toEqual({ identity: "alice", scope: "read" });
  });

  test("is verified with a CryptoKey, and with a secret, as a KeyObject and as bytes", async () => {
    await joseVerifier({ key: pair.publicKey, algorithms })(await sign(claims()));
    const bytes = randomBytes(32);
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(bytes);
    for (const key of [bytes, createSecretKey(bytes)]) {
      expect(await joseVerifier({ key, algorithms: ["HS256"] })(token)).toMatchObject({ subject: "alice" });
    }
  });

  test("may be as late as clockTolerance, in milliseconds, and its expiry is as late", async () => {
    const exp = now() - 3;
    const token = await sign(claims({ exp }));
    expect(await wordFor(withKey(), token)).toBe("invalid_token");
    expect(await wordFor(withKey({ clockTolerance: 2_000 }), token)).toBe("invalid_token");
    const verify = withKey({ clockTolerance: 60_000 });
    expect(await verify(token)).toMatchObject({ expiresAt: exp * 1_000 + 60_000 });
    const server = await startServer({ verify });
    await connected(server.client().join("/", { token }));
  });
});

describe("invalid_token is the answer to", () => {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const BAD: [name: string, token: () => string | Promise<string>][] = [
    ["alg none", () => `${encode({ alg: "none" })}.${encode(claims())}.`],
    [
      "HS256 signed with the public key",
      () => {
        const input = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims())}`;
        return `${input}.${createHmac("sha256", pem).update(input).digest("base64url")}`;
      },
    ],
    ["another key", () => sign(claims(), other.privateKey)],
    ["a token without exp", () => sign(without("exp"))],
    ["a token without sub", () => sign(without("sub"))],
    ["an empty sub", () => sign(claims({ sub: "" }))],
    ["a sub that is a number", () => sign(untyped<JWTPayload>({ ...claims(), sub: 7 }))],
    ["another iss", () => sign(claims({ iss: "https://other.example.com" }))],
    ["no iss", () => sign(without("iss"))],
    ["another aud", () => sign(claims({ aud: "https://other.example.com" }))],
    ["no aud", () => sign(without("aud"))],
    ["an expired token", () => sign(claims({ exp: now() - 1 }))],
    ["a token that is not good yet", () => sign(claims({ nbf: now() + 60 }))],
    ["something that is no JWT", () => "no.jwt.atall"],
    [
      "an extension that nobody knows",
      () => `${encode({ alg: "RS256", crit: ["x"], x: 1 })}.${encode({})}.x`,
    ],
  ];

  test.each(BAD)("%s", async (_, token) => {
    expect(await wordFor(withKey(), await token())).toBe("invalid_token");
    const server = await startServer({ verify: withKey() });
    expect(await refused(server.client().join("/", { token: await token() }))).toMatchObject({
      error: "invalid_token",
    });
  });
});

/** An issuer whose answer can be set; counts how often it is asked. */
async function startIssuer() {
  const state = {
    status: 200,
    body: JSON.stringify({ keys: [await jwkOf(pair.publicKey, "k1")] }),
    asked: 0,
  };
  let isSilent = false;
  const http = createServer((_, response) => {
    state.asked += 1;
    if (isSilent) return;
    response.writeHead(state.status, { "Content-Type": "application/json" }).end(state.body);
  });
  const jwksUri = `${await listen(http)}/jwks.json`;
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const silence = (): void => {
    isSilent = true;
  };
  const verify = joseVerifier({ jwksUri, issuer, audience, algorithms, logger: {} });
  return { state, silence, close: () => http.close(), jwksUri, verify };
}

const jwkOf = async (key: CryptoKey, kid: string) => ({ ...(await exportJWK(key)), kid, alg: "RS256" });

test("why a token was refused is said as debug: jose's code, and the claim by its name", async () => {
  const lines: string[] = [];
  const verify = withKey({ logger: { debug: (line) => lines.push(line) } });
  for (const [token, reason] of [
    [await sign(claims({ aud: "another" })), "ERR_JWT_CLAIM_VALIDATION_FAILED: aud."],
    [await sign(claims({ exp: now() - 1 })), "ERR_JWT_EXPIRED: exp."],
    [await sign(claims(), other.privateKey), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED."],
    [await sign(without("sub")), "it has no sub."],
    [await sign(without("exp")), "it has no exp."],
  ] as const) {
    await wordFor(verify, token);
    expect(lines.splice(0)).toEqual([`[socket-rotor] joseVerifier: a token was refused: ${reason}`]);
  }
});

test("a token by an algorithm that is accepted, but not what the key is for, is a bad one", async () => {
  const ec = await generateKeyPair("ES256");
  const token = await new SignJWT(claims()).setProtectedHeader({ alg: "ES256" }).sign(ec.privateKey);
  expect(await wordFor(withKey({ algorithms: ["RS256", "ES256"] }), token)).toBe("invalid_token");
});

describe("keys that the issuer publishes", () => {
  test("are fetched once for many tokens", async () => {
    const { state, verify } = await startIssuer();
    await Promise.all([verify(await sign(claims())), verify(await sign(claims()))]);
    await verify(await sign(claims()));
    expect(state.asked).toBe(1);
  });

  test("that do not have the token's, and were fetched for it: invalid_token", async () => {
    const { verify } = await startIssuer();
    expect(await wordFor(verify, await sign(claims(), other.privateKey, "k2"))).toBe("invalid_token");
  });

  test("that do not have the token's, and are not fetched again so soon: temporarily_unavailable", async () => {
    const { state, verify } = await startIssuer();
    await verify(await sign(claims()));
    const token = await sign(claims(), other.privateKey, "k2");
    expect(await wordFor(verify, token)).toBe("temporarily_unavailable");
    expect(state.asked).toBe(1);
    // After jose's cool-down of 30 seconds they are, and have it.
    state.body = JSON.stringify({ keys: [await jwkOf(other.publicKey, "k2")] });
    vi.setSystemTime(Date.now() + 31_000);
    try {
      expect(await verify(token)).toMatchObject({ subject: "alice" });
      expect(state.asked).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ["a status 500", { status: 500 }],
    ["a redirection", { status: 302 }],
    ["something that is no JSON", { body: "<html>" }],
    ["something that is no key set", { body: '{"keys":7}' }],
  ])("answered by %s: temporarily_unavailable, and good when it is over", async (_, trouble) => {
    const { state, verify } = await startIssuer();
    const before = { ...state };
    Object.assign(state, trouble);
    const token = await sign(claims());
    expect(await wordFor(verify, token)).toBe("temporarily_unavailable");
    Object.assign(state, before);
    expect(await verify(token)).toMatchObject({ subject: "alice" });
  });

  test("of which several would do for a token that names none are tried one after the other", async () => {
    const { state, jwksUri } = await startIssuer();
    const publish = async (...keys: CryptoKey[]) => {
      const jwks = await Promise.all(keys.map((key, number) => jwkOf(key, `k${number}`)));
      state.body = JSON.stringify({ keys: jwks });
      return joseVerifier({ jwksUri, issuer, audience, algorithms, logger });
    };
    const lines: string[] = [];
    const logger = { debug: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
    const unnamed = (payload: JWTPayload, key = pair.privateKey) =>
      new SignJWT(payload).setProtectedHeader({ alg: "RS256" }).sign(key);
    for (const keys of [
      [pair.publicKey, other.publicKey],
      [other.publicKey, pair.publicKey],
    ]) {
      const verify = await publish(...keys);
      expect(await verify(await unnamed(claims()))).toMatchObject({ subject: "alice" });
      expect(await wordFor(verify, await unnamed(claims({ aud: "another" })))).toBe("invalid_token");
      expect(lines.splice(0)).toEqual([expect.stringContaining("ERR_JWT_CLAIM_VALIDATION_FAILED: aud")]);
      const third = await generateKeyPair("RS256");
      expect(await wordFor(verify, await unnamed(claims(), third.privateKey))).toBe("invalid_token");
      expect(lines.splice(0)).toEqual([expect.stringContaining("ERR_JWS_SIGNATURE_VERIFICATION_FAILED")]);
    }
  });

  test("of which one is of no use do not undo what a good one has said", async () => {
    const { state, jwksUri } = await startIssuer();
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    const keys = [await jwkOf(pair.publicKey, "k1"), { ...short, kid: "k2", alg: "RS256" }];
    for (const published of [keys, [...keys].reverse()]) {
      state.body = JSON.stringify({ keys: published });
      const verify = joseVerifier({ jwksUri, issuer, audience, algorithms, logger: {} });
      const expired = new SignJWT(claims({ exp: now() - 1 })).setProtectedHeader({ alg: "RS256" });
      expect(await wordFor(verify, await expired.sign(pair.privateKey))).toBe("invalid_token");
    }
  });

  test("that are too short, or no keys, are logged once, as they are no token's fault", async () => {
    const { state, jwksUri } = await startIssuer();
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    for (const [body, kind] of [
      [JSON.stringify({ keys: [{ ...short, kid: "k1", alg: "RS256" }] }), "TypeError"],
      ['{"keys":7}', "ERR_JWKS_INVALID"],
    ]) {
      state.body = body ?? "";
      const lines: string[] = [];
      const logger = { warn: (line: string) => lines.push(line) };
      const verify = joseVerifier({ jwksUri, issuer, audience, algorithms, logger });
      for (let time = 0; time < 2; time += 1) {
        expect(await wordFor(verify, await sign(claims()))).toBe("temporarily_unavailable");
      }
      expect(lines).toEqual([expect.stringContaining(`(${kind})`)]);
    }
  });

  test("that do not come: temporarily_unavailable", async () => {
    const { silence, verify } = await startIssuer();
    silence();
    expect(await wordFor(verify, await sign(claims()))).toBe("temporarily_unavailable");
  });

  test("of an issuer that cannot be reached: temporarily_unavailable", async () => {
    const { close, verify } = await startIssuer();
    close();
    expect(await wordFor(verify, await sign(claims()))).toBe("temporarily_unavailable");
  });
});

describe("options", () => {
  const key = () => createPublicKey(pem);
  const jwksUri = "https://auth.example.com/jwks.json";
  test.each<[word: string, options: () => unknown]>([
    ["algorithms", () => ({ key: key() })],
    ["algorithms", () => ({ key: key(), algorithms: "RS256" })],
    ["algorithms", () => ({ key: key(), algorithms: [] })],
    ["algorithms", () => ({ key: key(), algorithms: ["RS256", "none"] })],
    ["algorithms", () => ({ key: key(), algorithms: ["RS256", "HS256"] })],
    ["algorithms", () => ({ key: randomBytes(32), algorithms: ["RS256", "HS256"] })],
    ["algorithms", () => ({ jwksUri, issuer, audience, algorithms: ["HS256"] })],
    ["HS257", () => ({ key: randomBytes(32), algorithms: ["HS256", "HS257"] })],
    ["rs256", () => ({ key: key(), algorithms: ["rs256"] })],
    ["ES256K", () => ({ key: key(), algorithms: ["ES256K"] })],
    ["toString", () => ({ key: key(), algorithms: ["toString"] })],
    ["jwksUri", () => ({ algorithms })],
    ["jwksUri", () => ({ key: key(), jwksUri, issuer, audience, algorithms })],
    ["jwksUri", () => ({ jwksUri: "ftp://auth.example.com", issuer, audience, algorithms })],
    ["jwksUri", () => ({ jwksUri: 7, issuer, audience, algorithms })],
    ["issuer", () => ({ jwksUri, audience, algorithms })],
    ["audience", () => ({ jwksUri, issuer, algorithms })],
    ["issuer", () => ({ key: key(), issuer: 7, algorithms })],
    ["audience", () => ({ key: key(), audience: [], algorithms })],
    ["key", () => ({ key: pem, algorithms })],
    ["key", () => ({ key: Buffer.from(pem), algorithms: ["HS256"] })],
    ["key", () => ({ key: randomBytes(31), algorithms: ["HS256"] })],
    ["key", () => ({ key: randomBytes(32), algorithms })],
    ["key", () => ({ key: key(), algorithms: ["HS256"] })],
    ["key", () => ({ key: pair.privateKey, algorithms })],
    ["key", () => ({ key: key(), algorithms: ["ES256", "EdDSA"] })],
    ["key", () => ({ key: generateKeyPairSync("ed25519").publicKey, algorithms })],
    [
      "P-256",
      () => ({ key: generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey, algorithms: ["ES256"] }),
    ],
    ["2,048", () => ({ key: generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey, algorithms })],
    ["key", () => ({ key: pair.publicKey, algorithms: ["ES256"] })],
    ["clockTolerance", () => ({ key: key(), algorithms, clockTolerance: "5s" })],
    ["clockTolerance", () => ({ key: key(), algorithms, clockTolerance: -1 })],
    ["data", () => ({ key: key(), algorithms, data: {} })],
    ["secret", () => ({ key: key(), algorithms, secret: "x" })],
    ["options", () => undefined],
  ])("a wrong %s is an error that names it (%#)", (word, options) => {
    const { message } = thrown(() => joseVerifier(untyped<JoseOptions>(options())), "ERR_INVALID_OPTION");
    expect(message).toContain(word);
  });

  test.each([
    "http://auth.example.com/jwks.json",
    "http://10.0.0.7:8080/jwks.json",
    "http://0.0.0.0/jwks.json",
    "http://keycloak:8080/jwks.json",
    "http://localhost.example.com/jwks.json",
    "http://notlocalhost/jwks.json",
    "http://127.0.0.1.example.com/jwks.json",
    "http://127.0.0.1@auth.example.com/jwks.json",
    "http://[::2]/jwks.json",
  ])("keys in clear text, from %s, are refused with the reason and the way out", (uri) => {
    for (const jwksUri of [uri, new URL(uri)]) {
      const set = () => joseVerifier({ jwksUri, issuer, audience, algorithms });
      const { message } = thrown(set, "ERR_INVALID_OPTION");
      expect(message).toMatch(/"jwksUri".*https:\/\/.*an attacker on the way.*replace the keys.*"key"/);
    }
  });

  test.each([
    "http://localhost:3000/jwks.json",
    "http://LOCALHOST/jwks.json",
    "http://auth.localhost/jwks.json",
    "http://127.0.0.1/jwks.json",
    "http://127.9.9.9:3000/jwks.json",
    "http://[::1]:3000/jwks.json",
    "https://auth.example.com/jwks.json",
    "HTTPS://auth.example.com/jwks.json",
  ])("keys of this machine, or over https:, are fetched: %s", (jwksUri) => {
    joseVerifier({ jwksUri, issuer, audience, algorithms });
  });

  test.each([
    ...["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
  ])("the algorithm %s is one, and verifies what jose has signed", async (alg) => {
    const secret = randomBytes(64);
    const keys = alg.startsWith("HS") ? undefined : await generateKeyPair(alg);
    const token = await new SignJWT(claims()).setProtectedHeader({ alg }).sign(keys?.privateKey ?? secret);
    const verify = joseVerifier({ key: keys?.publicKey ?? secret, algorithms: [alg] });
    expect(await verify(token)).toMatchObject({ subject: "alice" });
  });

  test("a wrong algorithm is told with those that there are", () => {
    const set = () => joseVerifier({ key: key(), algorithms: ["RS265"] });
    expect(thrown(set, "ERR_INVALID_OPTION").message).toMatch(/"RS265".*RS256.*Ed25519.*ML-DSA-87/);
  });
});
