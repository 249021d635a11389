import {
  connectionInput,
  connectionLogic,
  connectionOf,
  createConnection,
  memoryStorage,
} from "socket-rotor";
import { expect, onTestFinished, test } from "vitest";
import { createActor, type InspectionEvent } from "xstate";
import { findSecrets } from "./secrets.js";
import { canaryServer } from "./server.js";

const secrets = {
  token: "a-token-of-alice-that-nobody-may-see",
  storage: "a-key-of-the-storage-that-nobody-may-see",
  transport: "a-passphrase-of-the-transport-that-nobody-may-see",
};

/** Options that hold secrets themselves, and not only in what functions answer with. */
async function options() {
  const server = await canaryServer();
  onTestFinished(() => server.close());
  return {
    url: server.url,
    storage: Object.assign(memoryStorage(secrets.token), { key: secrets.storage }),
    socketOptions: { passphrase: secrets.transport },
    logger: {},
  };
}

/** Everything that a raw inspector gets, with all that can be reached from it. */
const found = (seen: unknown): string[] => findSecrets(seen, Object.values(secrets));

test("a raw inspector of an actor of connectionLogic sees no secret, and neither does who looks at its input", async () => {
  const seen: InspectionEvent[] = [];
  const input = connectionInput(await options());
  expect(found(input)).toEqual([]);
  const actor = createActor(connectionLogic, { input, inspect: (event) => seen.push(event) });
  const { whenConnected, login, logout } = connectionOf(actor);
  actor.start();
  await whenConnected();
  await login(`${secrets.token}-2`);
  await whenConnected();
  expect(found([actor.getPersistedSnapshot(), JSON.stringify(actor), actor.options])).toEqual([]);
  await logout();
  actor.stop();
  expect(seen.length).toBeGreaterThan(50);
  expect(found(seen)).toEqual([]);
});

test("nor does one of createConnection", async () => {
  const seen: InspectionEvent[] = [];
  const connection = createConnection({ ...(await options()), inspect: (event) => seen.push(event) });
  await connection.whenConnected();
  connection.dispose();
  expect(seen.length).toBeGreaterThan(20);
  expect(found([seen, connection.actor])).toEqual([]);
});

test("which shows that the search would find them in bare options", async () => {
  expect(found(await options()).length).toBeGreaterThan(1);
});
