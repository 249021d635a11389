import { memoryStorage, type StorageAdapter } from "socket-rotor";
import { accept, fakeIo } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { connected, settled, tokenOf, untilConnected } from "./harness.js";

const failures: [how: string, write: () => void | Promise<void>][] = [
  [
    "throws",
    () => {
      throw new Error("quota exceeded");
    },
  ],
  ["rejects", () => Promise.reject(new Error("offline"))],
];

describe.each(failures)("a refreshed token whose write %s", (_, write) => {
  async function refreshed() {
    const io = fakeIo(accept({ reauthenticate: true }));
    const made = await connected({ io, refresh: async () => tokenOf("ada", 2) });
    made.storage.onWrite = write;
    await made.connection.refresh();
    await settled();
    expect([made.presented(), made.storage.value]).toEqual([
      [tokenOf("ada"), tokenOf("ada", 2)],
      tokenOf("ada"),
    ]);
    return made;
  }

  test("is presented, and stays in memory over signals, writes and further links", async () => {
    const made = await refreshed();
    const { connection, io, storage, signal, presented, messages } = made;
    for (let signals = 0; signals < 3; signals += 1) storage.signal();
    signal("page.resumed");
    await settled();
    connection.socket.emit("draft");
    await settled();
    expect([messages(), presented().length, connection.status]).toEqual([["draft"], 2, "connected"]);
    io.last?.drop();
    await untilConnected(made);
    expect([presented().at(-1), connection.status]).toEqual([tokenOf("ada", 2), "connected"]);
    connection.disconnect();
    connection.connect();
    await settled();
    expect([presented().at(-1), connection.status]).toEqual([tokenOf("ada", 2), "connected"]);
  });

  test("gives way as soon as the storage changes", async () => {
    const { connection, storage, presented } = await refreshed();
    storage.value = tokenOf("ada", 3);
    storage.signal();
    await settled();
    expect([presented().at(-1), connection.status]).toEqual([tokenOf("ada", 3), "connected"]);
    storage.value = null;
    storage.signal();
    await settled();
    expect(connection.status).toBe("loggedOut");
  });
});

test("so does one of a storage that can only be read", async () => {
  const { read, subscribe, write } = memoryStorage(tokenOf("ada"));
  const storage: StorageAdapter = { read, subscribe };
  const io = fakeIo(accept({ reauthenticate: true }));
  const made = await connected({ io, storage, refresh: async () => tokenOf("ada", 2) });
  const { connection, presented } = made;
  await connection.refresh();
  io.last?.drop();
  await untilConnected(made);
  expect(presented().at(-1)).toBe(tokenOf("ada", 2));
  write(tokenOf("ada", 3));
  await settled();
  expect(presented().at(-1)).toBe(tokenOf("ada", 3));
});
