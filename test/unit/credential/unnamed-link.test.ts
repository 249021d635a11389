import { createConnection, memoryStorage } from "socket-rotor";
import { accept, fakeIo, hang, simulatedClock } from "socket-rotor/testing";
import { expect, onTestFinished, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";

/** A link is lost before the server could say whose it is; the next one says `identity`. */
async function reconnected(identity: string | undefined) {
  const io = fakeIo(hang());
  const clock = simulatedClock();
  const connection = createConnection({
    url: "https://api.example.com",
    storage: memoryStorage("names nobody"),
    io,
    clock,
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  await promisesSettled();
  io.last?.accept(null);
  await promisesSettled();
  expect(connection.status).toBe("connected");
  io.last?.drop();
  const answer = connection.socket.emitWithAck("hers").catch(({ code }) => code);
  io.behave(accept(identity === undefined ? {} : { identity }));
  clock.advance(clock.untilNext);
  await promisesSettled();
  expect(connection.status).toBe("connected");
  const sent = io.log.flatMap((entry) => (entry.type === "message" ? [entry.event] : []));
  return { sent, answer: await answer };
}

test("G3 after a link that ended before the server had named its user, what waits is not sent as who is named next", async () => {
  expect(await reconnected("bob")).toEqual({ sent: [], answer: "ERR_IDENTITY_CHANGED" });
});

test("where the server names nobody, the same token is the same user's", async () => {
  expect(await reconnected(undefined)).toEqual({ sent: ["hers"], answer: undefined });
});
