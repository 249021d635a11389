import { createConnection, memoryStorage } from "socket-rotor";
import { fakeIo, simulatedClock, unreachable } from "socket-rotor/testing";
import { expect, test } from "vitest";

const url = "https://api.example.com";

test("an acknowledgement that is held back is given as soon as the message was written", async () => {
  const io = fakeIo();
  io.unanswered.add("save");
  const connection = createConnection({ url, storage: memoryStorage("a"), io, logger: {} });
  await connection.whenConnected();
  const saved = connection.socket.emitWithAck("save", "draft");
  io.last?.acknowledge();
  expect(await saved).toBe("draft");
  connection.dispose();
});

test("an acknowledgement of nothing is an error that says when there is something", async () => {
  const io = fakeIo();
  const connection = createConnection({ url, storage: memoryStorage("a"), io, logger: {} });
  await connection.whenConnected();
  expect(() => io.last?.acknowledge()).toThrow(
    /nothing is held back.*once it has been written.*io\.unanswered/,
  );
  connection.dispose();
});

test("the token that was presented is read without a cast", async () => {
  const io = fakeIo();
  const connection = createConnection({ url, storage: memoryStorage("a"), io, logger: {} });
  await connection.whenConnected();
  const [handshake] = io.log;
  expect(handshake?.type === "handshake" && handshake.auth.token).toBe("a");
  expect(io.last?.auth?.token).toBe("a");
  connection.dispose();
});

test("the next attempt is as far away as the clock says", async () => {
  const io = fakeIo(unreachable());
  const clock = simulatedClock();
  const connection = createConnection({ url, storage: memoryStorage("a"), io, clock, logger: {} });
  for (const attempts of [1, 2, 3]) {
    await Promise.resolve();
    expect(io.log.filter(({ type }) => type === "handshake").length).toBe(attempts);
    clock.advance(clock.untilNext);
  }
  connection.dispose();
});
