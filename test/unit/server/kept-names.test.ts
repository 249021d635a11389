import { describe, expect, test } from "vitest";
import { createLog } from "../../../src/logger.js";
import { placeOf } from "../../../src/server/thrown.js";
import { connected, refused, startServer, tokenOf } from "../../support/real-server.js";

const NAMES = 300;
const LONG = 5_000;
/** Nearly as long as a name may be; beyond it the connection is closed. */
const LONG_NAME = 900;
/** Some hundred characters of a name, with the words around it. */
const LONGEST_LINE = 600;

/** A namespace's name that nobody has sent before. */
const nameOf = (index: number): string => `/any-${index}-${"x".repeat(LONG_NAME)}`;

describe("F55 what one client calls its namespaces is not kept, and not logged at length", () => {
  test("where a middleware throws: one warning for each place, whatever the names", async () => {
    const server = await startServer({
      server: { cleanupEmptyChildNamespaces: true },
      before: (io) =>
        io.of(/^\/any-/).use((socket) => {
          if (socket.nsp.name.startsWith("/any-0-")) throw new TypeError(socket.nsp.name);
          throw Object.assign(new RangeError(socket.nsp.name), { name: socket.nsp.name });
        }),
    });
    const client = server.client();
    const token = tokenOf("alice");
    for (let index = 0; index < NAMES; index += 1) {
      const answer = await refused(client.join(nameOf(index), { token }));
      expect(answer).toMatchObject({ error: "temporarily_unavailable" });
    }
    const warnings = server.lines.filter((line) => line.includes("A middleware of"));
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain("threw a TypeError");
    expect(warnings[1]).toContain("threw a RangeError");
    expect(Math.max(...server.lines.map(({ length }) => length))).toBeLessThan(LONGEST_LINE);
  });

  test("where it is refused, and where a CONNECT is ignored", async () => {
    const server = await startServer({ before: (io) => io.of(/^\/any-/) });
    const client = server.client();
    await connected(client.join("/any-", { token: tokenOf("alice") }));
    for (let index = 0; index < 10; index += 1) {
      expect(await refused(client.join(nameOf(index), {}))).toMatchObject({ error: "invalid_token" });
    }
    expect(server.lines.length).toBeGreaterThan(9);
    expect(Math.max(...server.lines.map(({ length }) => length))).toBeLessThan(LONGEST_LINE);
  });

  test("where verify throws with a stack that a token has a say in", async () => {
    const server = await startServer({
      verify: async (token) => {
        throw Object.assign(new Error("bad"), { stack: `Error: bad\n    at ${token}:1:1` });
      },
    });
    for (let index = 0; index < 20; index += 1) {
      await refused(server.client().join("/", { token: `${index}${"x".repeat(LONG)}` }));
      await refused(server.client().join("/", { token: tokenOf(`user${index}`) }));
    }
    expect(server.lines.filter((line) => line.includes('"verify" threw'))).toHaveLength(2);
    expect(server.lines.join("")).not.toContain("user7");
  });
});

test("F55 a place that is longer than any file's is none", () => {
  const stack = (place: string): Error =>
    Object.assign(new Error("bad"), { stack: `Error: bad\n    at ${place}:1:1` });
  expect(placeOf(stack("/app/verify.ts"))).toBe("/app/verify.ts:1");
  expect(placeOf(stack("x".repeat(LONG)))).toBeUndefined();
});

test("F55 a log remembers a thousand keys at most, and says nothing of further ones", () => {
  const lines: string[] = [];
  const log = createLog({ warn: (line) => void lines.push(line), info: (line) => void lines.push(line) });
  for (let index = 0; index < 5_000; index += 1) {
    log.warnOnce(`warning:${index}`, "");
    log.infoOnce(`news:${index}`, "");
  }
  expect(lines).toHaveLength(1_000);
});
