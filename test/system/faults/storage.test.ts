import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startServer } from "../fixture/server";
import { asyncStorage, syncStorage, type TestStorage } from "../fixture/storages";
import { startTrial } from "./fixture/trial";

const FLIPS = 1_000;
const STORAGES = { "answers at once": syncStorage, "answers later": asyncStorage };

/** When the flips come: all in one turn of the event loop, or one in each. */
const PACES: Record<string, (flip: (number: number) => void) => Promise<void>> = {
  "in one go": async (flip) => {
    for (let number = 1; number <= FLIPS; number += 1) flip(number);
  },
  "one by one": async (flip) => {
    for (let number = 1; number <= FLIPS; number += 1) {
      flip(number);
      await setImmediate();
    }
  },
};

describe.each(["polling", "websocket"] as const)("over %s a storage that", (transport) => {
  for (const [answer, make] of Object.entries(STORAGES)) {
    for (const [pace, run] of Object.entries(PACES)) {
      test.each([
        ["one user", ["ada", "ada"]],
        ["two users", ["ada", "grace"]],
      ])(`${answer} and flips between two tokens of %s a thousand times, ${pace}`, async (_, users) => {
        const server = await startServer();
        const tokens = await Promise.all(users.map((user) => server.tokens.issue(user)));
        const storage: TestStorage = make(tokens[0] ?? null);
        const trial = await startTrial(server, { transport, storage, timeout: 20_000 });
        await trial.connection.whenConnected();
        /** Whose each message is, by the storage. */
        const owners: string[] = [];
        await run((number) => {
          storage.set(tokens[number % 2] ?? null);
          if (number % 50 !== 0) return;
          owners.push(users[number % 2] ?? "");
          void trial.ask();
        });
        await server.log.until(() => server.carried()[0] === tokens[0] && server.live().length === 1);
        await trial.connection.whenConnected();
        expect(server.carried()).toEqual([tokens[0]]);
        for (const { args, user } of server.log.all("event")) expect(user).toBe(owners[Number(args[0])]);
        await trial.endsIn("connected.steady");
      });
    }
  }
});
