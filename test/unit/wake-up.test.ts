import { ConnectionError, createConnection, memoryStorage } from "socket-rotor";
import { expect, onTestFinished, test } from "vitest";
import { handMadeIo } from "../support/hand-made-io.js";
import { manualClock, promisesSettled } from "../support/manual-clock.js";
import { jwt } from "../support/tokens.js";

const error = new ConnectionError("ERR_REFUSED", "revoked", { reason: "session_ended" });

test.each(["logout", "refresh"] as const)(
  "G8 F24 what ends a link that is being checked concerns its own token, and not a newer one: %s",
  async (verdict) => {
    const [older, newer] = [jwt({ sub: "alice", jti: 1 }), jwt({ sub: "alice", jti: 2 })];
    const storage = memoryStorage(older);
    const io = handMadeIo();
    let resume = (): void => {};
    const connection = createConnection({
      url: "https://api.example.com",
      storage,
      io,
      clock: manualClock(),
      logger: {},
      environment: {
        subscribe(listener) {
          resume = () => listener("page.resumed");
          return () => {};
        },
      },
    });
    onTestFinished(() => connection.dispose());
    await promisesSettled();
    io.link.accept();
    io.isSettlingAtOnce = false;
    resume();
    storage.write(newer);
    await promisesSettled();
    expect([connection.status, io.links.length]).toEqual(["connected", 1]);
    io.link.report({ type: "disconnected", verdict, error, reason: "io server disconnect" });
    await promisesSettled();
    expect([io.links.length, io.link.credential]).toEqual([2, { token: newer }]);
    io.link.accept();
    expect(connection.status).toBe("connected");
  },
);
