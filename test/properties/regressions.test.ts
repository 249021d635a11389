import { test } from "vitest";
import { replay } from "./replay.js";
import type { Setting } from "./schedule.js";

/** Schedules that once broke a guarantee, as they were printed. */
const plain: Setting = {
  tokens: "jwt",
  storage: "async",
  rotation: "auto",
  half: "none",
  hasRefresh: false,
  reconnectionAttempts: Number.POSITIVE_INFINITY,
};

test("a token that another tab stores while a sign-out looks once more is not kept in force", () =>
  replay(plain, [
    { do: "server", will: "unreachable", turns: 30 },
    { do: "logout", turns: 3 },
    { do: "store elsewhere", user: 0, turns: 30 },
    { do: "network", signal: "network.online", turns: 30 },
  ]));
