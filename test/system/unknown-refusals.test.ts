import { type Classify, memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { recordingLogger } from "../support/recording-logger.js";
import { answerStatus } from "./fixture/behaviours";
import { connectTo, until, untilIn } from "./fixture/client";
import { startServer } from "./fixture/server";

/** How servers refuse that people have: the message of the error, and its `data`. */
const EVERYDAY: readonly [message: string, data?: unknown][] = [
  ['"exp" claim timestamp check failed'],
  ["signature verification failed"],
  ["invalid signature"],
  ["no applicable key found in the JSON Web Key Set"],
  ["Authentication error"],
  ["authentication failed"],
  ["not authorized"],
  ["Not authenticated"],
  ["No token provided"],
  ["Forbidden"],
  ["Invalid or expired token"],
  ["Session expired"],
  ["TokenExpiredError"],
  ["refused", { status: 401 }],
  ["refused", { code: 401, content: "Please retry later" }],
  ["refused", { name: "TokenExpiredError" }],
  ["refused", { name: "JWTExpired" }],
  ["refused", { code: "ERR_JWT_EXPIRED" }],
  ["refused", { code: "FAST_JWT_EXPIRED" }],
  ["refused", { error: "token_expired" }],
  ["refused", "jwt"],
];

const KNOWN: typeof EVERYDAY = [
  ["refused", { error: "temporarily_unavailable" }],
  ["refused", { error: "session_changed" }],
  ["refused", { code: "temporarily_unavailable" }],
  ["refused", { error: "invalid_token" }],
  ["jwt expired"],
  ["Unauthorized"],
];

/** A server that refuses in this way, and a connection to it that has been refused several times. */
async function refused(
  [message, data]: (typeof EVERYDAY)[number],
  given: { classify?: Classify; token?: string; refresh?: () => Promise<string> } = {},
) {
  const { token: issued, ...options } = given;
  const server = await startServer();
  const token = issued ?? (await server.tokens.issue("ada"));
  server.rules.handshake = () => {
    throw Object.assign(new Error(message), data === undefined ? {} : { data });
  };
  const logger = recordingLogger();
  const connection = connectTo(server, { storage: memoryStorage(token), ...options, logger });
  const warnings = (): string[] => logger.lines.filter((line) => line.startsWith("warn"));
  return { server, connection, token, warnings };
}

describe("F45", () => {
  test.each(EVERYDAY)("a refusal in unknown words is said once: %s %j", async (message, data) => {
    const { server, connection, token, warnings } = await refused([message, data]);
    await server.log.count("refused", 4);
    await until(connection, ({ attempt }) => attempt >= 4);
    expect(warnings()).toHaveLength(1);
    const [line = ""] = warnings();
    expect(line).toContain(JSON.stringify(message));
    expect(line).toContain('data: { error: "invalid_token" }');
    expect(line).toContain('"classify"');
    expect(line).toContain("docs/errors.md");
    expect(line).not.toContain(token.slice(-12));
    expect(connection.status).toBe("connecting");
  });

  test("a refusal that changes its words is said once for each", async () => {
    const { server, connection, warnings } = await refused(["one"]);
    await server.log.count("refused", 3);
    server.rules.handshake = () => {
      throw new Error("another");
    };
    await server.log.count("refused", 7);
    await until(connection, ({ attempt }) => attempt >= 7);
    expect(warnings()).toHaveLength(2);
  });

  test("words that are others each time are said a few times, and the last line says so", async () => {
    const { server, connection, warnings } = await refused(["refused"]);
    let number = 0;
    server.rules.handshake = () => {
      number += 1;
      throw new Error(`request ${number}`);
    };
    await server.log.count("refused", 20);
    await until(connection, ({ attempt }) => attempt >= 20);
    expect(warnings()).toHaveLength(10);
    expect(warnings().at(-1)).toContain("Further ones are not logged");
  });

  test("long words are cut, and what looks like a token is masked", async () => {
    const server = await startServer();
    const token = await server.tokens.issue("ada");
    const { connection, warnings } = await refused([`no good: ${token} ${"x ".repeat(10_000)}`], { token });
    await until(connection, ({ attempt }) => attempt >= 3);
    const [line = ""] = warnings();
    expect(line.length).toBeLessThan(1_000);
    expect(line).toContain("no good: [redacted]");
  });

  test.each(KNOWN)("known words bring no warning: %s %j", async (message, data) => {
    const refresh = async (): Promise<string> => `fresh-${Math.random()}`;
    const { server, warnings } = await refused([message, data], { refresh });
    await server.log.count("refused", 2);
    // What is said in the end is that the token is refused for good.
    expect(warnings().filter((line) => line.includes("classify"))).toEqual([]);
  });

  test.each(["retry", "logout"] as const)("nothing is said where classify decides: %s", async (verdict) => {
    const { server, connection, warnings } = await refused(["No entry"], { classify: () => verdict });
    if (verdict === "retry") await server.log.count("refused", 4);
    else await untilIn(connection, "loggedOut.rejected");
    expect(warnings().filter((line) => line.includes("classify"))).toEqual([]);
  });

  test("what classify leaves to the default is said", async () => {
    const { connection, warnings } = await refused(["No entry"], { classify: () => undefined });
    await until(connection, ({ attempt }) => attempt >= 3);
    expect(warnings()).toHaveLength(1);
  });

  test("another namespace is told of as well, and a missing one in its own words alone", async () => {
    const server = await startServer({ namespaces: ["/", "/chat"] });
    server.rules.handshake = (namespace) => {
      if (namespace === "/chat") throw new Error("members only");
    };
    const logger = recordingLogger();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, logger });
    const errors = ["/chat", "/missing"].map(
      (name) => new Promise((resolve) => connection.of(name).once("connect_error", resolve)),
    );
    await Promise.all(errors);
    const warnings = logger.lines.filter((line) => line.startsWith("warn"));
    expect(warnings.filter((line) => line.includes("classify"))).toEqual([
      expect.stringContaining("members only"),
    ]);
    expect(warnings.filter((line) => line.includes("no namespace /missing"))).toHaveLength(1);
  });

  test.each([400, 403, 404, 422])("the HTTP status %d over polling is said once", async (status) => {
    const server = await startServer();
    server.rules = answerStatus(status);
    const logger = recordingLogger();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, logger, transport: "polling" });
    await until(connection, ({ attempt }) => attempt >= 3);
    const warnings = logger.lines.filter((line) => line.startsWith("warn"));
    expect(warnings).toEqual([expect.stringContaining(`HTTP status ${status}`)]);
  });

  test.each([408, 429, 500, 502, 503])("an outage is none: HTTP status %d", async (status) => {
    const server = await startServer();
    server.rules = answerStatus(status);
    const logger = recordingLogger();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, logger, transport: "polling" });
    await until(connection, ({ attempt }) => attempt >= 3);
    expect(logger.lines.filter((line) => line.startsWith("warn"))).toEqual([]);
  });
});
