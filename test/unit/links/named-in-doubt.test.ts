import { createConnection, type StorageAdapter } from "socket-rotor";
import { accept, fakeIo, hang, simulatedClock } from "socket-rotor/testing";
import { expect, onTestFinished, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";

/** A session's marker in a storage that takes its time: a read is answered when the test says so. */
function slowMarker(held: string) {
  let onChange = (): void => {};
  let answers: ((held: string | null) => void)[] = [];
  const adapter: StorageAdapter = {
    credential: "cookie",
    read: () => new Promise((resolve) => answers.push(resolve)),
    subscribe(listener) {
      onChange = listener;
      return () => {};
    },
  };
  let now: string | null = held;
  return {
    adapter,
    /** Another tab signs somebody in, or out. */
    change(marker: string | null): void {
      now = marker;
      onChange();
    },
    /** Everything that was asked is answered with what is there by now. */
    async answer(): Promise<void> {
      await promisesSettled();
      for (const resolve of answers.splice(0)) resolve(now);
      answers = [];
      await promisesSettled();
    },
  };
}

/** A link of ada's marker is opening and a message waits; another tab changes the session, and the link is named. */
async function namedWhileRead(marker: string | null, identity: string) {
  const io = fakeIo(hang());
  const storage = slowMarker("ada's");
  const connection = createConnection({
    url: "https://api.example.com",
    storage: storage.adapter,
    io,
    clock: simulatedClock(),
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  await storage.answer();
  const answer = connection.socket.emitWithAck("hers").catch(({ code }) => code);
  storage.change(marker);
  await promisesSettled();
  // The cookie of its handshake may be older than the signal, or newer.
  io.last?.accept({ identity });
  await promisesSettled();
  io.behave(accept({ identity }));
  const sent = (): unknown[] => io.log.flatMap((entry) => (entry.type === "message" ? [entry.event] : []));
  const sentBefore = sent();
  await storage.answer();
  return { status: connection.status, sentBefore, sent: sent(), answer: await answer };
}

test("G3 whom a server names while the storage is read may be the next user: what waits is not sent as that one's", async () => {
  expect(await namedWhileRead("grace's", "grace")).toEqual({
    status: "connected",
    sentBefore: [],
    sent: [],
    answer: "ERR_IDENTITY_CHANGED",
  });
});

test("G4 where the storage still holds the same, it was the same user, and what waits is sent", async () => {
  expect(await namedWhileRead("ada's", "ada")).toEqual({
    status: "connected",
    sentBefore: [],
    sent: ["hers"],
    answer: undefined,
  });
});

test("G3 where nobody is signed in any more, what waits is dropped as by a sign-out", async () => {
  expect(await namedWhileRead(null, "grace")).toMatchObject({ sent: [], answer: "ERR_LOGGED_OUT" });
});
