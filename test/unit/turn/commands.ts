import { expect } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection } from "../../support/rejection.js";
import { type Harness, tokenOf, userOf } from "./harness.js";

/** A command, and what must be seen of it. */
export interface Command {
  /** Gives it, and says what must be so as soon as it has returned; answers with what must be so in the end. */
  give(harness: Harness): () => Promise<void>;
}

/** What was emitted right after the command: it arrives once, as this user's. */
async function arrives({ arrived }: Harness, answer: Promise<unknown>, token: unknown, namespace = "/") {
  expect(await Promise.race([answer, promisesSettled().then(() => "no answer")])).toBe("after");
  expect(arrived("after")).toEqual([{ user: userOf(token), namespace }]);
}

/** Emits what tells whose the connection is now. */
const after = ({ connection }: Harness, namespace = "/"): Promise<unknown> => {
  const answer = connection.of(namespace).emitWithAck("after", "after");
  answer.catch(() => {});
  return answer;
};

const reached = async (harness: Harness): Promise<void> => {
  harness.connection.connect();
  await harness.reconnected();
  expect(harness.connection.status).toBe("connected");
  expect(harness.io.links).toHaveLength(1);
};

const disconnect = (give: (harness: Harness) => void): Command => ({
  give(harness) {
    const { connection, io } = harness;
    give(harness);
    expect([connection.socket.connected, connection.socket.active]).toEqual([false, false]);
    const answer = after(harness);
    return async () => {
      await promisesSettled();
      expect([connection.status, io.links.length, harness.arrived("after")]).toEqual(["idle", 0, []]);
      await reached(harness);
      await arrives(harness, answer, harness.storage.value);
    };
  },
});

const login = (token: string): Command => ({
  give(harness) {
    const signedIn = harness.connection.login(token);
    signedIn.catch(() => {});
    const answer = after(harness);
    return async () => {
      await signedIn;
      await reached(harness);
      expect(harness.storage.value).toBe(token);
      await arrives(harness, answer, token);
    };
  },
});

export const COMMANDS: Readonly<Record<string, Command>> = {
  "connect()": {
    give(harness) {
      harness.connection.connect();
      expect(harness.connection.socket.active).toBe(true);
      const answer = after(harness);
      return async () => {
        await harness.reconnected();
        await reached(harness);
        await arrives(harness, answer, harness.storage.value);
      };
    },
  },
  "disconnect()": disconnect(({ connection }) => connection.disconnect()),
  "socket.disconnect()": disconnect(({ connection }) => connection.socket.disconnect()),
  "login() of the same user": login(tokenOf("alice", 7)),
  "login() of another user": login(tokenOf("bob")),
  "logout()": {
    give(harness) {
      const { connection, io, storage } = harness;
      const signedOut = connection.logout();
      signedOut.catch(() => {});
      expect([connection.status, connection.socket.connected]).not.toContain("connected");
      expect(connection.socket.connected).toBe(false);
      const answer = after(harness);
      return async () => {
        await signedOut;
        await promisesSettled();
        expect([io.links.length, storage.value]).toEqual([0, null]);
        connection.connect();
        await promisesSettled();
        await expect(answer).rejects.toMatchObject({ code: "ERR_LOGGED_OUT" });
        expect([connection.status, io.links.length, harness.arrived("after")]).toEqual(["loggedOut", 0, []]);
      };
    },
  },
  "refresh()": {
    give(harness) {
      const outcome = harness.connection.refresh().then(
        () => "done",
        ({ code }: { code?: unknown }) => code,
      );
      const answer = after(harness);
      return async () => {
        await reached(harness);
        // Where nobody asks for it to be connected there is nothing to refresh.
        expect(["done", "ERR_NOT_REFRESHED", "ERR_REFRESH_FAILED", "pending"]).toContain(
          await Promise.race([outcome, promisesSettled().then(() => "pending")]),
        );
        await arrives(harness, answer, harness.storage.value);
      };
    },
  },
  "dispose()": {
    give(harness) {
      const { connection, io, clock } = harness;
      connection.dispose();
      expect([connection.status, connection.socket.connected]).toEqual(["idle", false]);
      const answer = connection.socket.emitWithAck("after");
      answer.catch(() => {});
      return async () => {
        await rejection(answer, "ERR_DISPOSED");
        await promisesSettled();
        expect([io.links.length, clock.timers, harness.arrived("after")]).toEqual([0, 0, []]);
      };
    },
  },
  "emit()": {
    give(harness) {
      harness.connection.socket.emit("after", "after");
      return async () => {
        await reached(harness);
        await promisesSettled();
        expect(harness.arrived("after")).toHaveLength(1);
      };
    },
  },
  "emitWithAck()": {
    give(harness) {
      const answer = after(harness);
      return async () => {
        await reached(harness);
        expect(await answer).toBe("after");
        expect(harness.arrived("after")).toHaveLength(1);
      };
    },
  },
  'of("/other")': {
    give(harness) {
      const answer = after(harness, "/other");
      return async () => {
        await reached(harness);
        await promisesSettled();
        await arrives(harness, answer, harness.storage.value, "/other");
      };
    },
  },
};
