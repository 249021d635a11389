import { createConnection, type StorageAdapter } from "socket-rotor";
import { accept, fakeIo, simulatedClock } from "socket-rotor/testing";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, answer } from "../../support/fake-storages.js";
import { jwt } from "../../support/tokens.js";

const ada = jwt({ sub: "ada" });
const grace = jwt({ sub: "grace" });
const refreshedAda = jwt({ sub: "ada", jti: 2 });

/** Lets every promise that is due settle. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
}

/** Connected as ada, with an asynchronous storage whose writes, and slow reads, the test ends by hand. */
async function connectedAsAda() {
  let token: string | null = ada;
  let signal = (): void => {};
  let isWriting = false;
  let slowRead: Answer<string | null> | undefined;
  const written = answer<void>();
  const fresh = answer<string>();
  const storage: StorageAdapter = {
    read: () => slowRead?.promise ?? Promise.resolve(token),
    write() {
      isWriting = true;
      return written.promise;
    },
    subscribe(onMaybeChanged) {
      signal = onMaybeChanged;
      return () => {};
    },
  };
  const io = fakeIo(accept({ reauthenticate: true }));
  const connection = createConnection({
    url: "https://api.example.com",
    storage,
    io,
    clock: simulatedClock(),
    refresh: () => fresh.promise,
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  await settled();
  return {
    connection,
    io,
    messages: () => io.log.filter(({ type }) => type === "message"),
    /** The storage holds something else by now; whoever listens is told. */
    hold(held: string | null) {
      token = held;
      signal();
    },
    /** A read that takes its time is under way. */
    readSlowly() {
      const read = answer<string | null>();
      slowRead = read;
      signal();
      slowRead = undefined;
      return read;
    },
    /** A refreshed token is being stored. */
    async refresh() {
      // How it ends is not what this is about.
      connection.refresh().catch(() => {});
      await settled();
      fresh.resolve(refreshedAda);
      await settled();
      expect(isWriting).toBe(true);
    },
    /** The write of `held` has ended. */
    async finishWrite(held?: string) {
      if (held !== undefined) token = held;
      written.resolve();
      await settled();
    },
    failWrite: () => written.reject(new Error("full")),
  };
}

test("G3 what is emitted after login() as another user is never sent as the last one, however long the storage takes", async () => {
  const { connection, finishWrite, messages } = await connectedAsAda();
  const dropped: unknown[] = [];
  connection.socket.on("dropped", (...args) => dropped.push(args));
  const signedIn = connection.login(grace);
  connection.socket.emit("post", "grace's");
  await settled();
  expect(messages()).toEqual([]);
  await finishWrite(grace);
  await signedIn;
  expect([connection.status, dropped]).toEqual(["connected", []]);
  connection.socket.emit("post", "hers");
  expect(messages()).toMatchObject([
    { link: 2, args: ["grace's"] },
    { link: 2, args: ["hers"] },
  ]);
});

test("what is emitted after login() as another user waits, and is dropped where the token could not be stored", async () => {
  const { connection, failWrite, messages } = await connectedAsAda();
  const dropped: unknown[] = [];
  connection.socket.on("dropped", (...args) => dropped.push(args));
  const signedIn = connection.login(grace);
  connection.socket.emit("post", "grace's");
  failWrite();
  await expect(signedIn).rejects.toMatchObject({ code: "ERR_STORAGE_WRITE" });
  await settled();
  expect([connection.status, messages()]).toEqual(["connected", []]);
  expect(dropped).toEqual([["post", "ERR_IDENTITY_CHANGED"]]);
  connection.socket.emit("post", "ada's");
  expect(messages()).toMatchObject([{ link: 1, args: ["ada's"] }]);
});

test("what is emitted after login() with a newer token of the same user waits, and is sent where that could not be stored", async () => {
  const { connection, failWrite, messages } = await connectedAsAda();
  const signedIn = connection.login(refreshedAda);
  connection.socket.emit("post", "ada's");
  failWrite();
  await expect(signedIn).rejects.toMatchObject({ code: "ERR_STORAGE_WRITE" });
  await settled();
  expect(connection.status).toBe("connected");
  expect(messages()).toMatchObject([{ link: 1, args: ["ada's"] }]);
});

test("G3 from a signal of another tab on nothing is written or delivered, also while a refreshed token is being stored", async () => {
  const { connection, io, hold, refresh, finishWrite, messages } = await connectedAsAda();
  const heard: unknown[] = [];
  connection.socket.on("news", (...args) => heard.push(args));
  await refresh();
  hold(null);
  connection.socket.emit("post", "too late");
  io.last?.send("news", "of ada");
  await settled();
  expect([messages(), heard]).toEqual([[], []]);
  // The write has come after the removal: what is stored by then is current, and it is uncertain whose that was.
  await finishWrite(refreshedAda);
  expect([connection.status, messages()]).toEqual(["connected", []]);
  connection.socket.emit("post", "in time");
  expect(messages()).toMatchObject([{ args: ["in time"] }]);
});

test("G3 a sign-out that comes after this tab's write, and is told before the write ends, is heard before anything leaves", async () => {
  const { connection, hold, refresh, finishWrite, messages } = await connectedAsAda();
  await refresh();
  hold(null);
  connection.socket.emit("post", "too late");
  await finishWrite();
  expect([connection.status, messages()]).toEqual(["loggedOut", []]);
});

test("G3 a sign-out that comes after the write of a login, and is told before it ends, is heard before anything leaves", async () => {
  const { connection, hold, finishWrite, messages } = await connectedAsAda();
  const signedIn = connection.login(refreshedAda);
  await settled();
  hold(null);
  connection.socket.emit("post", "too late");
  await finishWrite();
  await signedIn;
  expect([connection.status, messages()]).toEqual(["loggedOut", []]);
});

test("G3 a read that began before a signal does not end what is held for it, also while something is stored", async () => {
  const { connection, hold, readSlowly, refresh, finishWrite, messages } = await connectedAsAda();
  // It begins before the write, and ends after the sign-out.
  const read = readSlowly();
  await refresh();
  hold(null);
  connection.socket.emit("post", "too late");
  read.resolve(ada);
  await settled();
  expect(messages()).toEqual([]);
  await finishWrite();
  expect([connection.status, messages()]).toEqual(["loggedOut", []]);
});
