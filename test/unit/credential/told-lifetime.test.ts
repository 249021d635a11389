import { createConnection, memoryStorage } from "socket-rotor";
import { accept, answer, type FakeBehaviour, fakeIo, simulatedClock } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

const TEN_MINUTES = 600_000;

/** A client whose server half says of each fresh token how long it lives, in place or by a new link. */
function follow({ isInPlace, makeToken }: { isInPlace: boolean; makeToken: (number: number) => string }) {
  const clock = simulatedClock();
  const lines: string[] = [];
  const refreshes: number[] = [];
  let told = 0;
  const ready: FakeBehaviour = (link) => accept({ reauthenticate: isInPlace, expiresIn: told })(link);
  const io = fakeIo();
  io.behave(ready);
  io.behaveOnReauthentication((link) => answer({ ok: true, expiresIn: told })(link));
  const connection = createConnection({
    url: "https://api.example.com",
    storage: memoryStorage(makeToken(0)),
    identify: () => "alice",
    async refresh() {
      refreshes.push(clock.now());
      return makeToken(refreshes.length);
    },
    io,
    clock,
    logger: { warn: (line) => lines.push(line) },
  });
  const during = async (milliseconds: number): Promise<number> => {
    const before = refreshes.length;
    for (let passed = 0; passed < milliseconds; passed += 250) {
      clock.advance(250);
      await promisesSettled();
    }
    return refreshes.length - before;
  };
  return {
    connection,
    lines,
    during,
    tell(lifetime: number) {
      told = lifetime;
    },
  };
}

describe("F64 a server half that says of each fresh token that nothing is left of it", () => {
  const opaque = (number: number): string => `token-${number}`;
  const minute = (number: number): string => jwt({ sub: "alice", iat: number, exp: number + 60 });

  test.each([
    { how: "on the same link", isInPlace: true, what: "opaque tokens", makeToken: opaque, most: 20 },
    { how: "by a new link", isInPlace: false, what: "opaque tokens", makeToken: opaque, most: 20 },
    { how: "on the same link", isInPlace: true, what: "JWTs of a minute", makeToken: minute, most: 25 },
    { how: "by a new link", isInPlace: false, what: "JWTs of a minute", makeToken: minute, most: 25 },
  ])("is asked with growing delays, not each second: $what, $how", async ({ most, ...setting }) => {
    const { connection, lines, during, tell } = follow(setting);
    const count = await during(TEN_MINUTES);
    expect(count).toBeGreaterThan(7);
    expect(count).toBeLessThan(most);
    expect(connection.status).toBe("connected");
    expect(lines.filter((line) => line.includes("nearly over"))).toHaveLength(1);
    // With the clock put right, the next token is healthy, and what was is forgotten.
    tell(60_000);
    await during(TEN_MINUTES);
    expect(await during(TEN_MINUTES)).toBeGreaterThanOrEqual(9);
    tell(0);
    expect(await during(90_000)).toBeGreaterThanOrEqual(4);
    connection.dispose();
  });
});

test("F68 a server half that says again, of the same token, that less is left of it: a refresh, on the same link", async () => {
  const clock = simulatedClock();
  const io = fakeIo();
  io.behave(accept({ reauthenticate: true, expiresIn: TEN_MINUTES }));
  io.behaveOnReauthentication(answer({ ok: true, expiresIn: TEN_MINUTES }));
  const connection = createConnection({
    url: "https://api.example.com",
    storage: memoryStorage(jwt({ sub: "alice", iat: 0, exp: 600 })),
    refresh: async () => jwt({ sub: "alice", iat: 1, exp: 601 }),
    io,
    clock,
    logger: {},
  });
  await connection.whenConnected();
  const presented = (): string[] => io.log.map(({ type }) => type).filter((type) => type !== "connected");
  expect(presented()).toEqual(["handshake"]);
  io.links.at(-1)?.ready({ reauthenticate: true, expiresIn: 20_000 });
  expect(connection.getSnapshot()).toMatchObject({ detail: "steady", expiresAt: clock.now() + 20_000 });
  for (let passed = 0; passed < 20; passed += 1) {
    clock.advance(1_000);
    await promisesSettled();
  }
  expect(presented()).toEqual(["handshake", "reauthentication"]);
  expect(connection.getSnapshot().detail).toBe("steady");
  connection.dispose();
});
