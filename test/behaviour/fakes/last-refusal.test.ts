import { createConnection, memoryStorage } from "socket-rotor";
import { accept, fakeIo, refuse, simulatedClock, unreachable } from "socket-rotor/testing";
import { expect, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";

test.each(["connect", "a network that is back"])(
  "F14 a token that was refused on the last attempt is refreshed in the next round, and not sent again: %s",
  async (how) => {
    const io = fakeIo(unreachable(), refuse("refresh"), accept());
    const clock = simulatedClock();
    let signal: (type: "network.online") => void = () => {};
    const connection = createConnection({
      url: "https://api.example.com",
      storage: memoryStorage("refused"),
      io,
      clock,
      logger: {},
      reconnectionAttempts: 1,
      refresh: async () => "fresh",
      environment: {
        subscribe(onSignal) {
          signal = onSignal;
          return () => {};
        },
      },
    });
    await promisesSettled();
    clock.advance(clock.untilNext);
    await promisesSettled();
    const { status, detail } = connection.getSnapshot();
    expect([status, detail]).toEqual(["idle", "exhausted"]);

    if (how === "connect") connection.connect();
    else signal("network.online");
    await promisesSettled();
    // The first one met no server.
    const [, ...presented] = io.log.flatMap((entry) => (entry.type === "handshake" ? [entry.auth] : []));
    expect(presented).toEqual([{ token: "refused" }, { token: "fresh" }]);
    expect(connection.status).toBe("connected");
    connection.dispose();
  },
);
