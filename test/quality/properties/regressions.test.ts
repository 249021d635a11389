import { test } from "vitest";
import { replay } from "./replay.js";
import type { Setting } from "./schedule.js";

/** Schedules that once broke a guarantee, as they were printed. */
const plain: Setting = {
  credential: "jwt",
  storage: "async",
  rotation: "auto",
  half: "none",
  hasRefresh: false,
  reconnectionAttempts: Number.POSITIVE_INFINITY,
  namespaces: 1,
  isCutShort: false,
};

test("a token that another tab stores while a sign-out looks once more is not kept", () =>
  replay(plain, [
    { do: "server", will: "unreachable", turns: 30 },
    { do: "logout", turns: 3 },
    { do: "store elsewhere", user: 0, isTold: true, turns: 30 },
    { do: "network", signal: "network.online", turns: 30 },
  ]));

test("a sign-out that is disposed of while the storage is written does not look once more", () =>
  replay({ ...plain, isCutShort: true }, [
    { do: "storage", is: "hung", turns: 30 },
    { do: "logout", turns: 1 },
  ]));

test("a refreshed token that cannot be stored is not presented once another tab's user was seen", () =>
  replay({ ...plain, hasRefresh: true }, [
    { do: "server", will: "refuse: refresh", turns: 30 },
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "store elsewhere", user: 2, isTold: true, turns: 30 },
    { do: "store elsewhere", user: 0, isTold: true, turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "time passes", milliseconds: 5000, turns: 30 },
  ]));

test("a storage that is read at once is asked before a handshake, also while a sign-in is stored", () =>
  replay({ ...plain, storage: "sync" }, [
    { do: "store elsewhere", user: 0, isTold: true, turns: 30 },
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "login again", turns: 1 },
    { do: "login", user: 0, turns: 2 },
  ]));

test("what waits for a sign-in is not sent once another tab's sign-out was seen", () =>
  replay({ ...plain, storage: "sync" }, [
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "store elsewhere", user: 1, isTold: true, turns: 30 },
    { do: "login", user: 1, turns: 30 },
    { do: "emit", turns: 30 },
    { do: "remove elsewhere", isTold: true, turns: 30 },
  ]));

test("F35 what is emitted after another tab's sign-in is not sent as the user whose token is being stored", () =>
  replay(plain, [
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "store elsewhere", user: 0, isTold: true, turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "store elsewhere", user: 2, isTold: true, turns: 30 },
    { do: "emit", turns: 30 },
  ]));

test("a refresh that ends in the very turn in which somebody signs in does not overwrite the token of that one", () =>
  replay({ ...plain, storage: "sync", hasRefresh: true }, [
    { do: "server", will: "refuse: refresh", turns: 30 },
    { do: "login", user: 0, turns: 1 },
    { do: "server", will: "accept", turns: 1 },
    { do: "server answers now", turns: 2 },
    { do: "signal", turns: 2 },
    { do: "server", will: "accept", turns: 2 },
    { do: "disconnect", turns: 1 },
    { do: "login", user: 0, turns: 30 },
  ]));

test("G8 what a sign-in has stored is applied when a newer sign-in could not be stored", () =>
  replay({ ...plain, storage: "sync" }, [
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "write ends", how: "stored", turns: 3 },
    { do: "login", user: 0, turns: 30 },
    { do: "write ends", how: "failed", turns: 30 },
  ]));

test("G2 no handshake carries the token of a user whose sign-out in another tab was seen during a write", () =>
  replay(plain, [
    { do: "store elsewhere", user: 0, isTold: true, turns: 30 },
    { do: "barrier", isHeld: true, turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "remove elsewhere", isTold: true, turns: 30 },
    { do: "server drops", verdict: "refresh", turns: 30 },
  ]));

test("G9 a refresh that is disposed of before it has looked at the storage does not look any more", () =>
  replay({ ...plain, hasRefresh: true, isCutShort: true }, [
    { do: "storage", is: "hung", turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "refresh", turns: 0 },
  ]));

test("what the storage still holds after a sign-out that failed is no news", () =>
  replay({ ...plain, storage: "sync" }, [
    { do: "store elsewhere", user: 0, isTold: false, turns: 30 },
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "logout", turns: 30 },
    { do: "write ends", how: "failed", turns: 30 },
  ]));

test("a user whom a refresh finds in a storage that is read at once hears nothing of the last one's", () =>
  replay({ ...plain, storage: "sync", hasRefresh: true }, [
    { do: "store elsewhere", user: 2, isTold: true, turns: 30 },
    { do: "store elsewhere", user: 0, isTold: false, turns: 30 },
    { do: "refresh", turns: 1 },
    { do: "server sends", turns: 30 },
  ]));

test("what is emitted before a sign-in is heard to have failed is not sent as another tab's user", () =>
  replay(plain, [
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "login", user: 2, turns: 30 },
    { do: "store elsewhere", user: 0, isTold: true, turns: 30 },
    { do: "time passes", milliseconds: 60_000, turns: 1 },
    { do: "emitWithAck", turns: 30 },
  ]));

test("what waits for a sign-in that fails is refused once the server has refused the last one", () =>
  replay({ ...plain, storage: "sync" }, [
    { do: "writes", are: "slow", echo: "none", turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "server", will: "refuse: refresh", turns: 30 },
    { do: "emitWithAck", turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "write ends", how: "stored", turns: 30 },
    { do: "time passes", milliseconds: 20_000, turns: 30 },
  ]));

test("a session that changed has its time from the server's word, and not from the next attempt", () =>
  replay({ ...plain, credential: "cookie", storage: "sync", half: "names users" }, [
    { do: "goodbyes", isHeld: true, turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "server drops as changed", turns: 30 },
    { do: "server drops as changed", turns: 30 },
    { do: "login", user: 0, turns: 30 },
    { do: "session changes", user: 0, isCookieLate: false, turns: 30 },
    { do: "session ends", turns: 30 },
  ]));
