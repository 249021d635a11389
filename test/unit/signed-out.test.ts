import { createConnection, memoryStorage } from "socket-rotor";
import { accept, answer, type FakeBehaviour, fakeIo, refuse, simulatedClock } from "socket-rotor/testing";
import { expect, onTestFinished, test } from "vitest";
import { promisesSettled } from "../support/manual-clock.js";
import { jwt } from "../support/tokens.js";

test.each<[what: string, token: string | null, behaviours: FakeBehaviour[]]>([
  ["nobody is signed in", null, []],
  ["the server has refused the token for good", "first", [refuse("logout")]],
])(
  "F3 where %s, what waits is dropped and told, and nothing waits from then on",
  async (_, token, behaviours) => {
    const connection = createConnection({
      url: "https://api.example.com",
      storage: memoryStorage(token),
      io: fakeIo(...behaviours),
      clock: simulatedClock(),
      logger: {},
    });
    onTestFinished(() => connection.dispose());
    const { socket } = connection;
    const told: unknown[] = [];
    const ask = (event: string): void => {
      socket.emitWithAck(event).catch(({ code }) => told.push([event, code]));
    };
    ask("early");
    await promisesSettled();
    expect(connection.status).toBe("loggedOut");
    ask("late");
    await promisesSettled();
    expect(told).toEqual([
      ["early", "ERR_LOGGED_OUT"],
      ["late", "ERR_LOGGED_OUT"],
    ]);
  },
);

test("a token that is refused for good on the same link is no rotation for the application", async () => {
  const storage = memoryStorage(jwt({ sub: "ada", jti: 1 }));
  const io = fakeIo(accept({ reauthenticate: true }));
  io.behaveOnReauthentication(answer({ ok: false, verdict: "logout" }));
  const settings = { url: "https://api.example.com", storage, io, clock: simulatedClock(), logger: {} };
  const connection = createConnection(settings);
  onTestFinished(() => connection.dispose());
  const reasons: string[] = [];
  connection.socket.on("disconnect", (reason) => reasons.push(reason));
  await promisesSettled();
  storage.write(jwt({ sub: "ada", jti: 2 }));
  await promisesSettled();
  expect([connection.getSnapshot().detail, reasons]).toEqual(["rejected", ["io client disconnect"]]);
});
