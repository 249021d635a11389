import fc from "fast-check";
import type { Behaviour, Happening, Schedule, Setting, Step } from "./schedule.js";

const reconnectionAttempts = fc.constantFrom(Number.POSITIVE_INFINITY, 2);
const namespaces = fc.constantFrom(1, 1, 2);

const tokenSetting: fc.Arbitrary<Setting> = fc.record({
  credential: fc.constantFrom("jwt", "opaque"),
  storage: fc.constantFrom("sync", "async"),
  rotation: fc.constantFrom("auto", "overlap", "replace"),
  half: fc.constantFrom("none", "names users", "reauthenticates"),
  hasRefresh: fc.boolean(),
  reconnectionAttempts,
  namespaces,
  isCutShort: fc.boolean(),
});

const cookieSetting: fc.Arbitrary<Setting> = fc.record({
  credential: fc.constant("cookie"),
  storage: fc.constant("sync"),
  rotation: fc.constant("auto"),
  half: fc.constant("names users"),
  hasRefresh: fc.constant(false),
  reconnectionAttempts,
  namespaces,
  isCutShort: fc.boolean(),
});

const user = fc.constantFrom(0, 0, 1, 2);
const isTold = fc.constantFrom(true, true, false);
const verdict = fc.constantFrom("retry", "refresh", "logout");
const behaviours: Behaviour[] = [
  "accept",
  "accept",
  "hang",
  "unreachable",
  "kick",
  "refuse: retry",
  "refuse: refresh",
  "refuse: logout",
];

const will = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...behaviours) },
  { weight: 1, arbitrary: fc.constant("refuse: session changed") },
);

/** What there is of both kinds of credential. */
const common = [
  { weight: 6, arbitrary: fc.record({ do: fc.constant("login"), user }) },
  { weight: 1, arbitrary: fc.constant({ do: "login again" }) },
  { weight: 2, arbitrary: fc.constant({ do: "logout" }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("store elsewhere"), user, isTold }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove elsewhere"), isTold }) },
  { weight: 1, arbitrary: fc.constant({ do: "signal" }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("storage"), is: fc.constantFrom("up", "down", "hung") }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "connect" }) },
  { weight: 2, arbitrary: fc.constant({ do: "disconnect" }) },
  { weight: 4, arbitrary: fc.constant({ do: "emit" }) },
  { weight: 6, arbitrary: fc.constant({ do: "emitWithAck" }) },
  { weight: 3, arbitrary: fc.constant({ do: "server sends" }) },
  { weight: 2, arbitrary: fc.constant({ do: "server asks" }) },
  { weight: 3, arbitrary: fc.constant({ do: "replies" }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("server"), will }) },
  { weight: 3, arbitrary: fc.constant({ do: "server answers now" }) },
  {
    weight: 3,
    arbitrary: fc.record(
      { do: fc.constant("server drops"), verdict, retryAfter: fc.constantFrom(0, 2_000) },
      { requiredKeys: ["do", "verdict"] },
    ),
  },
  { weight: 1, arbitrary: fc.constant({ do: "server drops as changed" }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("names"), are: fc.constantFrom("told", "late", "missing") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("server renames"),
      user: fc.constantFrom(0, 1, 2, "nobody"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("old link reports"),
      what: fc.constantFrom("connected", "ready", "refused", "failed", "disconnected"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("barrier"), isHeld: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("network"),
      signal: fc.constantFrom("network.online", "network.offline", "page.resumed"),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("time passes"),
      milliseconds: fc.constantFrom(1, 500, 2_000, 5_000, 20_000, 60_000),
    }),
  },
];

const ofTokens = [
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("refresh brings"),
      what: fc.constantFrom("a token", "null", "an error"),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "refresh" }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("writes"),
      are: fc.constantFrom("slow", "slow", "quick"),
      echo: fc.constantFrom("none", "before", "after", "often"),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("write ends"),
      how: fc.constantFrom("stored", "stored", "stored", "failed"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("token changes hands"), user }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("server answers reauthentication"),
      by: fc.constantFrom("yes", "hanging", "replace", "refresh", "logout", "mismatch"),
    }),
  },
];

const ofSessions = [
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("session changes"), user, isCookieLate: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "session ends" }) },
  { weight: 3, arbitrary: fc.constant({ do: "cookie arrives" }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("goodbyes"), isHeld: fc.boolean() }) },
];

const turns = fc.constantFrom(30, 0, 1, 2, 3, 30);

/** Of so many steps; one story in ten is a long one. */
function stories(
  maxLength: number,
  setting: fc.Arbitrary<Setting>,
  happenings: readonly fc.WeightedArbitrary<object>[],
): fc.Arbitrary<Schedule> {
  const happening = fc.oneof(...happenings) as fc.Arbitrary<Happening>;
  const step: fc.Arbitrary<Step> = fc.tuple(happening, turns).map(([what, turns]) => ({ ...what, turns }));
  return fc.record({
    setting,
    steps: fc.oneof(
      { weight: 9, arbitrary: fc.array(step, { maxLength, size: "max" }) },
      { weight: 1, arbitrary: fc.array(step, { maxLength: 60, size: "max" }) },
    ),
  });
}

/** Stories of a connection with tokens. */
export const tokenStories = stories(16, tokenSetting, [...common, ...ofTokens]);

/** Stories of a connection with the cookie of a session: what a sign-in leads to takes more steps. */
export const cookieStories = stories(24, cookieSetting, [...common, ...ofSessions]);
