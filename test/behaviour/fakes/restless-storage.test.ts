import { createConnection, type StorageAdapter } from "socket-rotor";
import { accept, fakeIo, simulatedClock } from "socket-rotor/testing";
import { expect, onTestFinished, test } from "vitest";
import { connectedRig } from "../../support/connections.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

test.each([
  ["opaque", (count: number) => `token ${count}`],
  ["of one user", (count: number) => jwt({ sub: "service", jti: count })],
])("a read that answers with another token each time, %s, is said to, and stops nothing", async (_, make) => {
  let count = 0;
  let isRestless = true;
  const storage: StorageAdapter = {
    read: () => {
      if (isRestless) count += 1;
      return make(count);
    },
    subscribe: () => () => {},
  };
  const clock = simulatedClock();
  const io = fakeIo(accept());
  const connection = createConnection({ url: "https://api.example.com", storage, io, clock, logger: {} });
  onTestFinished(() => connection.dispose());
  await promisesSettled();
  expect(connection.getSnapshot()).toMatchObject({
    detail: "waiting",
    error: { code: "ERR_STORAGE_READ" },
  });
  expect(count).toBeLessThan(15);
  isRestless = false;
  clock.advance(clock.untilNext);
  await promisesSettled();
  expect(connection.status).toBe("connected");
});

test("two changes between two looks are a change", async () => {
  const newer = (jti: number): string => jwt({ sub: "alice", jti });
  const answers: string[] = [];
  let token = newer(1);
  const storage: StorageAdapter = {
    read: () => answers.shift() ?? token,
    subscribe: () => () => {},
  };
  const { connection, io } = await connectedRig("", { storage });
  io.link.report({ type: "ready", reauthenticate: true });
  answers.push(newer(2));
  token = newer(3);
  connection.socket.emit("message");
  await promisesSettled();
  const { detail, error } = connection.getSnapshot();
  expect([detail, error]).toEqual(["reauthenticating", undefined]);
});
