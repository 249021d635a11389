import { createConnection } from "socket-rotor";
import { accept, fakeIo, memoryStorage, refuse } from "socket-rotor/testing";
import { expect, test, vi } from "vitest";
import { manualClock, promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A connection whose wall clock can be moved without its timers. */
function bench(behaviour = accept()) {
  const clock = manualClock();
  let jumped = 0;
  const warned: string[] = [];
  const opened: number[] = [];
  const refresh = vi.fn(async () => jwt({ sub: "alice", iat: 0, exp: 36_000, jti: String(Math.random()) }));
  const io = fakeIo(behaviour);
  const connection = createConnection({
    url: "https://api.example.com",
    storage: memoryStorage(jwt({ sub: "alice", iat: 0, exp: 36_000 })),
    io: {
      open(...given) {
        opened.push(1);
        return io.open(...given);
      },
    },
    refresh,
    clock: { ...clock, now: () => clock.now() + jumped },
    environment: { subscribe: () => () => {} },
    logger: { warn: (line) => warned.push(line) },
  });
  const jump = (milliseconds: number): void => {
    jumped += milliseconds;
  };
  return { clock, connection, io, refresh, jump, warned, opened };
}

test("F56 after a jump of the wall clock a token near its end is refreshed within a minute", async () => {
  const { clock, connection, refresh, jump } = bench();
  await clock.advance(MINUTE);
  expect([connection.status, refresh.mock.calls.length]).toEqual(["connected", 0]);
  jump(11 * HOUR);
  await clock.advance(MINUTE + 1_000);
  expect(refresh).toHaveBeenCalledOnce();
  connection.dispose();
});

test("F56 a clock that is put back does not make a token live longer", async () => {
  const { clock, connection, refresh, jump } = bench();
  await clock.advance(HOUR);
  jump(-24 * HOUR);
  await clock.advance(8 * HOUR);
  expect(refresh).not.toHaveBeenCalled();
  await clock.advance(HOUR + 2 * MINUTE);
  expect(refresh).toHaveBeenCalledOnce();
  connection.dispose();
});

test("F65 connect() ends a wait that a server asked for in a wrong unit, which is logged once", async () => {
  const { clock, connection, io, warned, opened } = bench(refuse("retry", 3e10));
  await promisesSettled();
  expect(connection.getSnapshot().detail).toBe("waiting");
  expect(warned.filter((line) => line.includes("retryAfter"))).toEqual([
    expect.stringMatching(/30000000000 ms.*8333 hours.*milliseconds.*connect\(\)/),
  ]);
  io.behave(refuse("retry", 3e10));
  connection.connect();
  await promisesSettled();
  expect(opened).toHaveLength(2);
  io.behave(accept());
  // Again: by the backoff alone, which keeps a loop in a listener from being a storm.
  connection.connect();
  await clock.advance(MINUTE);
  expect([connection.status, opened.length]).toEqual(["connected", 3]);
  expect(warned.filter((line) => line.includes("retryAfter"))).toHaveLength(1);
  connection.dispose();
});

test("F65 connect() in each connect_error is no storm", async () => {
  const { clock, connection, io, opened } = bench(refuse("retry", 3e10));
  connection.socket.on("connect_error", () => connection.connect());
  for (let at = 0; at < 20; at += 1) io.behave(refuse("retry", 3e10));
  await clock.advance(1);
  expect(opened.length).toBeLessThanOrEqual(3);
  connection.dispose();
});
