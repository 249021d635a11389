import { createConnection, memoryStorage } from "socket-rotor";
import { accept, type FakeIo, fakeIo, hang, simulatedClock } from "socket-rotor/testing";
import { expect, onTestFinished, test } from "vitest";
import { jwt } from "../../support/tokens.js";

/** Lets every promise that is due settle. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

/** Connected to a server that takes another token on the same link, and does not answer when it is asked to. */
async function unanswered(rotation: "auto" | "overlap") {
  const io: FakeIo = fakeIo(accept({ reauthenticate: true }));
  io.behaveOnReauthentication(hang());
  const clock = simulatedClock();
  const storage = memoryStorage(jwt({ sub: "ada", jti: 1 }));
  const connection = createConnection({
    url: "https://api.example.com",
    storage,
    io,
    clock,
    rotation,
    logger: {},
    reauthenticateTimeout: 1_000,
  });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  io.isBarrierHeld = true;
  io.behave(hang());
  storage.write(jwt({ sub: "ada", jti: 2 }));
  await settled();
  clock.advance(1_000);
  await settled();
  return { io, connection, asked: io.links[0] };
}

test.each([
  ["auto", "replacing"],
  ["overlap", "overlapping"],
] as const)(
  "G3 with rotation %s, a server that says late that the token is another user's is believed: nothing queued is sent as that user",
  async (rotation, detail) => {
    const { io, connection, asked } = await unanswered(rotation);
    expect(connection.getSnapshot().detail).toBe(detail);
    const dropped: string[] = [];
    connection.socket.on("dropped", (event) => dropped.push(event));
    if (rotation === "auto") connection.socket.emit("secret");
    asked?.answer({ ok: false, verdict: "replace", isOtherUser: true });
    await settled();
    expect(asked?.isOpen).toBe(false);
    io.links[0]?.accept();
    await settled();
    expect(connection.status).toBe("connected");
    expect(io.log.flatMap((entry) => (entry.type === "message" ? [entry.event] : []))).toEqual([]);
    expect(dropped).toEqual(rotation === "auto" ? ["secret"] : []);
    // G8: what is written from now on leaves, and is answered.
    expect(await connection.socket.emitWithAck("hello", "again")).toBe("again");
  },
);
