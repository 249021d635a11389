import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { startServer } from "../fixture/server";
import { asyncStorage, syncStorage, type TestStorage } from "../fixture/storages";
import { startTrial } from "./fixture/trial";

const FLIPS = 1_000;
const ADA = ["ada", "ada"] as const;
const ADA_AND_GRACE = ["ada", "grace"] as const;

/** When the flips come: all in one turn of the event loop, or one in each. */
const inOneGo = (): undefined => undefined;
const oneByOne = (): Promise<void> => setImmediate();

test.each([
  ["websocket", "that answers at once", "one user", "in one go", syncStorage, ADA, inOneGo],
  ["websocket", "that answers at once", "two users", "in one go", syncStorage, ADA_AND_GRACE, inOneGo],
  ["websocket", "that answers later", "two users", "in one go", asyncStorage, ADA_AND_GRACE, inOneGo],
  ["websocket", "that answers later", "two users", "one by one", asyncStorage, ADA_AND_GRACE, oneByOne],
  ["polling", "that answers at once", "two users", "in one go", syncStorage, ADA_AND_GRACE, inOneGo],
] as const)(
  "over %s a storage %s flips between two tokens of %s a thousand times, %s",
  { timeout: 240_000 },
  async (transport, _answers, _whose, _when, make, users, pause) => {
    const server = await startServer();
    const tokens = await Promise.all(users.map((user) => server.tokens.issue(user)));
    const storage: TestStorage = make(tokens[0] ?? null);
    const trial = await startTrial(server, { transport, storage, timeout: 20_000 });
    await trial.connection.whenConnected();
    /** Whose each message is, by the storage. */
    const owners: (string | undefined)[] = [];
    for (let number = 1; number <= FLIPS; number += 1) {
      storage.set(tokens[number % 2] ?? null);
      if (number % 50 < 2) {
        owners.push(users[number % 2]);
        void trial.ask();
      }
      // Awaiting, even nothing, would be a turn of its own.
      const pausing = pause();
      if (pausing) await pausing;
    }
    await server.log.until(() => server.live().length === 1 && server.carried()[0] === tokens[0]);
    await trial.connection.whenConnected();
    owners.push(users[0]);
    await trial.endsIn("connected.steady");
    // A storage that answers later says whose a message is when it was sent already.
    if (make === asyncStorage) return;
    for (const { args, user } of server.log.all("event")) expect(user).toBe(owners[Number(args[0])]);
  },
);
