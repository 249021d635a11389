import {
  connectionInput,
  connectionLogic,
  connectionOf,
  createConnection,
  type StorageAdapter,
} from "socket-rotor";
import { fakeIo, memoryStorage, simulatedClock } from "socket-rotor/testing";
import { expect, onTestFinished, test } from "vitest";
import { createActor } from "xstate";
import { answer } from "../../support/fake-storages.js";
import { promisesSettled } from "../../support/manual-clock.js";

const url = "https://api.example.com";
const identify = (token: string): string => token.replace(/\..*/, "");

test("G3 a handshake that is answered after another tab's sign-in names nobody but that tab's user", async () => {
  let marker: string | null = "first";
  let tell = (): void => {};
  const storage: StorageAdapter = {
    credential: "cookie",
    read: () => marker,
    write(next) {
      marker = next;
    },
    subscribe(onMaybeChanged) {
      tell = onMaybeChanged;
      return () => {};
    },
  };
  let user = "ada";
  const io = fakeIo((link) => link.accept({ identity: `hash of ${user}` }));
  const connection = createConnection({ url, io, storage, clock: simulatedClock(), logger: {} });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  io.isHandshakeHeld = true;
  await connection.login();
  const code = connection.socket.emitWithAck("draft", "ada's").catch(({ code }) => code);
  const held = io.last;
  held?.present();
  user = "grace";
  // It is stored, and the event of that has not come yet.
  marker = "another tab's";
  held?.accept({ identity: "hash of grace" });
  io.isHandshakeHeld = false;
  await promisesSettled();
  tell();
  await promisesSettled();
  expect(io.log.filter(({ type }) => type === "message")).toEqual([]);
  connection.dispose();
  expect(await code).toMatch(/^ERR_(IDENTITY_CHANGED|DISPOSED)$/);
});

test("G3 what is emitted right after a login() that cannot be stored is not the last user's", async () => {
  const storage: StorageAdapter = {
    read: () => "ada.1",
    write() {
      throw new Error("the quota is exceeded");
    },
    subscribe: () => () => {},
  };
  const io = fakeIo();
  const connection = createConnection({ url, io, storage, identify, clock: simulatedClock(), logger: {} });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  const signedIn = connection.login("grace.1");
  connection.socket.emit("draft", "grace's");
  await expect(signedIn).rejects.toMatchObject({ code: "ERR_STORAGE_WRITE" });
  await promisesSettled();
  expect(io.log.filter(({ type }) => type === "message")).toEqual([]);
});

test("G3 a first read that is answered while a sign-in is stored connects nobody", async () => {
  const read = answer<string | null>();
  const written = answer<void>();
  const storage: StorageAdapter = {
    read: () => read.promise,
    write: () => written.promise,
    subscribe: () => () => {},
  };
  const io = fakeIo();
  const connection = createConnection({ url, io, storage, identify, clock: simulatedClock(), logger: {} });
  onTestFinished(() => connection.dispose());
  const signedIn = connection.login("grace.1");
  read.resolve("ada.1");
  await promisesSettled();
  expect(io.links).toEqual([]);
  written.resolve();
  await signedIn;
  await connection.whenConnected();
  expect(io.log.filter(({ type }) => type === "handshake")).toHaveLength(1);
});

test("a token that is being stored is masked in what the adapter says of it", async () => {
  let stored = "ada.secret-of-ada";
  let signal = (): void => {};
  const storage: StorageAdapter = {
    async read() {
      if (stored.startsWith("grace")) throw new Error(`cannot decode ${stored}`);
      return stored;
    },
    async write(token) {
      stored = token ?? "";
      throw new Error("only half of it is written");
    },
    subscribe(onMaybeChanged) {
      signal = onMaybeChanged;
      return () => {};
    },
  };
  const connection = createConnection({
    url,
    io: fakeIo(),
    storage,
    identify,
    clock: simulatedClock(),
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  await expect(connection.login("grace.secret-of-grace")).rejects.toThrow();
  signal();
  await promisesSettled();
  const { error } = connection.getSnapshot();
  expect(error?.code).toBe("ERR_STORAGE_READ");
  const { cause } = error ?? {};
  expect(cause instanceof Error && `${cause.message}\n${cause.stack}`).not.toContain("secret-of-grace");
});

test("a connection whose actor was never started refuses what is emitted, once it is disposed of", async () => {
  const input = connectionInput({ url, io: fakeIo(), storage: memoryStorage("ada.1"), logger: {} });
  const { socket, dispose } = connectionOf(createActor(connectionLogic, { input }));
  const before = socket.emitWithAck("before");
  dispose();
  await expect(before).rejects.toMatchObject({ code: "ERR_DISPOSED" });
  await expect(socket.emitWithAck("after")).rejects.toMatchObject({ code: "ERR_DISPOSED" });
});

test("a sign-in with a cookie whose marker cannot be stored still connects again", async () => {
  let user = "ada";
  const storage: StorageAdapter = {
    credential: "cookie",
    read: () => "marker",
    write() {
      throw new Error("the quota is exceeded");
    },
    subscribe: () => () => {},
  };
  const io = fakeIo((link) => link.accept({ identity: `hash of ${user}` }));
  const connection = createConnection({ url, io, storage, clock: simulatedClock(), logger: {} });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  user = "grace";
  await expect(connection.login()).rejects.toMatchObject({ code: "ERR_STORAGE_WRITE" });
  await promisesSettled();
  connection.socket.emit("draft", "grace's");
  expect(io.log.filter(({ type }) => type === "message")).toMatchObject([{ link: 2 }]);
});
