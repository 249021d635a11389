import { createConnection, type StorageAdapter } from "socket-rotor";
import { accept, fakeIo, simulatedClock } from "socket-rotor/testing";
import { expect, onTestFinished, test } from "vitest";
import { answer } from "./storage/adapters.js";
import { jwt } from "./tokens.js";

const ada = jwt({ sub: "ada" });
const grace = jwt({ sub: "grace" });

/** Lets every promise that is due settle. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

/** Connected as ada, with an asynchronous storage whose writes the test ends by hand. */
async function connectedAsAda() {
  let token: string | null = ada;
  let signal = (): void => {};
  const written = answer<void>();
  const storage: StorageAdapter = {
    read: async () => token,
    async write(next) {
      await written.promise;
      token = next;
    },
    subscribe(onMaybeChanged) {
      signal = onMaybeChanged;
      return () => {};
    },
  };
  const io = fakeIo(accept());
  const connection = createConnection({
    url: "https://api.example.com",
    storage,
    io,
    clock: simulatedClock(),
    refresh: async () => jwt({ sub: "ada", jti: 2 }),
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  await settled();
  const removeElsewhere = (): void => {
    token = null;
    signal();
  };
  const messages = () => io.log.filter(({ type }) => type === "message");
  return { connection, io, written, removeElsewhere, messages };
}

test("G3 what is emitted after login() as another user is never sent as the last one, however long the storage takes", async () => {
  const { connection, written, messages } = await connectedAsAda();
  const dropped: unknown[] = [];
  connection.socket.on("dropped", (...args) => dropped.push(args));
  const signedIn = connection.login(grace);
  connection.socket.emit("post", "grace's");
  await settled();
  expect(messages()).toEqual([]);
  written.resolve();
  await signedIn;
  await connection.whenConnected();
  expect(messages()).toEqual([]);
  expect(dropped).toEqual([["post", "ERR_IDENTITY_CHANGED"]]);
  connection.socket.emit("post", "hers");
  expect(messages()).toMatchObject([{ link: 2, args: ["hers"] }]);
});

test("what is emitted after login() waits, and is sent as the last user where the token could not be stored", async () => {
  const { connection, written, messages } = await connectedAsAda();
  const signedIn = connection.login(grace);
  connection.socket.emit("post", "whoever's");
  written.reject(new Error("full"));
  await expect(signedIn).rejects.toMatchObject({ code: "ERR_STORAGE_WRITE" });
  await settled();
  expect(connection.status).toBe("connected");
  expect(messages()).toMatchObject([{ link: 1, args: ["whoever's"] }]);
});

test("G3 from a signal of another tab on nothing is written or delivered, also while a refreshed token is being stored", async () => {
  const { connection, io, written, removeElsewhere, messages } = await connectedAsAda();
  const heard: unknown[] = [];
  connection.socket.on("news", (...args) => heard.push(args));
  const refreshed = connection.refresh();
  await settled();
  removeElsewhere();
  connection.socket.emit("post", "too late");
  io.last?.send("news", "of ada");
  await settled();
  expect([messages(), heard]).toEqual([[], []]);
  written.resolve();
  await refreshed;
});
