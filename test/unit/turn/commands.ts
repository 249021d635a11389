import { expect } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection } from "../../support/rejection.js";
import { type Stage, tokenOf, userOf } from "./stage.js";

/** A command, and what must be seen of it. */
export interface Command {
  /** Gives it, and says what must be so as soon as it has returned; answers with what must be so in the end. */
  give(stage: Stage): () => Promise<void>;
}

/** What was emitted right after the command: it arrives once, as this user's. */
async function arrives({ arrived }: Stage, answer: Promise<unknown>, token: unknown, namespace = "/") {
  expect(await Promise.race([answer, promisesSettled().then(() => "no answer")])).toBe("after");
  expect(arrived("after")).toEqual([{ user: userOf(token), namespace }]);
}

/** Emits what tells whose the connection is now. */
const after = ({ connection }: Stage, namespace = "/"): Promise<unknown> => {
  const answer = connection.of(namespace).emitWithAck("after", "after");
  answer.catch(() => {});
  return answer;
};

const reached = async (stage: Stage): Promise<void> => {
  stage.connection.connect();
  await stage.reconnected();
  expect(stage.connection.status).toBe("connected");
  expect(stage.io.links).toHaveLength(1);
};

const disconnect = (give: (stage: Stage) => void): Command => ({
  give(stage) {
    const { connection, io } = stage;
    give(stage);
    expect([connection.socket.connected, connection.socket.active]).toEqual([false, false]);
    const answer = after(stage);
    return async () => {
      await promisesSettled();
      expect([connection.status, io.links.length, stage.arrived("after")]).toEqual(["idle", 0, []]);
      await reached(stage);
      await arrives(stage, answer, stage.storage.value);
    };
  },
});

const login = (token: string): Command => ({
  give(stage) {
    const signedIn = stage.connection.login(token);
    signedIn.catch(() => {});
    const answer = after(stage);
    return async () => {
      await signedIn;
      await reached(stage);
      expect(stage.storage.value).toBe(token);
      await arrives(stage, answer, token);
    };
  },
});

export const COMMANDS: Readonly<Record<string, Command>> = {
  "connect()": {
    give(stage) {
      stage.connection.connect();
      expect(stage.connection.socket.active).toBe(true);
      const answer = after(stage);
      return async () => {
        await stage.reconnected();
        await reached(stage);
        await arrives(stage, answer, stage.storage.value);
      };
    },
  },
  "disconnect()": disconnect(({ connection }) => connection.disconnect()),
  "socket.disconnect()": disconnect(({ connection }) => connection.socket.disconnect()),
  "login() of the same user": login(tokenOf("alice", 7)),
  "login() of another user": login(tokenOf("bob")),
  "logout()": {
    give(stage) {
      const { connection, io, storage } = stage;
      const signedOut = connection.logout();
      signedOut.catch(() => {});
      expect([connection.status, connection.socket.connected]).not.toContain("connected");
      expect(connection.socket.connected).toBe(false);
      const answer = after(stage);
      return async () => {
        await signedOut;
        await promisesSettled();
        expect([io.links.length, storage.value]).toEqual([0, null]);
        connection.connect();
        await promisesSettled();
        await expect(answer).rejects.toMatchObject({ code: "ERR_LOGGED_OUT" });
        expect([connection.status, io.links.length, stage.arrived("after")]).toEqual(["loggedOut", 0, []]);
      };
    },
  },
  "refresh()": {
    give(stage) {
      const outcome = stage.connection.refresh().then(
        () => "done",
        ({ code }: { code?: unknown }) => code,
      );
      const answer = after(stage);
      return async () => {
        await reached(stage);
        // Where nobody asks for it to be connected there is nothing to refresh.
        expect(["done", "ERR_NOT_REFRESHED", "ERR_REFRESH_FAILED", "pending"]).toContain(
          await Promise.race([outcome, promisesSettled().then(() => "pending")]),
        );
        await arrives(stage, answer, stage.storage.value);
      };
    },
  },
  "dispose()": {
    give(stage) {
      const { connection, io, clock } = stage;
      connection.dispose();
      expect([connection.status, connection.socket.connected]).toEqual(["idle", false]);
      const answer = connection.socket.emitWithAck("after");
      answer.catch(() => {});
      return async () => {
        await rejection(answer, "ERR_DISPOSED");
        await promisesSettled();
        expect([io.links.length, clock.timers, stage.arrived("after")]).toEqual([0, 0, []]);
      };
    },
  },
  "emit()": {
    give(stage) {
      stage.connection.socket.emit("after", "after");
      return async () => {
        await reached(stage);
        await promisesSettled();
        expect(stage.arrived("after")).toHaveLength(1);
      };
    },
  },
  "emitWithAck()": {
    give(stage) {
      const answer = after(stage);
      return async () => {
        await reached(stage);
        expect(await answer).toBe("after");
        expect(stage.arrived("after")).toHaveLength(1);
      };
    },
  },
  'of("/other")': {
    give(stage) {
      const answer = after(stage, "/other");
      return async () => {
        await reached(stage);
        await promisesSettled();
        await arrives(stage, answer, stage.storage.value, "/other");
      };
    },
  },
};
