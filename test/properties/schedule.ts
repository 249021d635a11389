import fc from "fast-check";

/** What a connection is made with, and what its server is like. */
export interface Setting {
  tokens: "jwt" | "opaque";
  storage: "sync" | "async";
  rotation: "auto" | "overlap" | "replace";
  /** Whether there is a server half, and whether it takes another token on the same link. */
  half: "none" | "names users" | "reauthenticates";
  hasRefresh: boolean;
  reconnectionAttempts: number;
  /** It is disposed of right after the last step; else everything works again first, and it must connect. */
  isCutShort: boolean;
}

/** How a server answers: the next handshakes, the next re-authentications. */
export type Behaviour =
  | "accept"
  | "hang"
  | "unreachable"
  | "kick"
  | "refuse: retry"
  | "refuse: refresh"
  | "refuse: logout";

/** Something that happens to a connection. `user` is one of three; each token is a new one. */
export type Happening =
  | { do: "login"; user: number }
  | { do: "login again" }
  | { do: "logout" }
  | { do: "store elsewhere"; user: number }
  | { do: "remove elsewhere" }
  | { do: "signal" }
  | { do: "storage"; is: "up" | "down" | "hung" }
  | { do: "refresh brings"; what: "a token" | "null" | "an error" }
  | { do: "connect" }
  | { do: "disconnect" }
  | { do: "refresh" }
  | { do: "emit" }
  | { do: "emitWithAck" }
  | { do: "server sends" }
  | { do: "server"; will: Behaviour }
  | { do: "server answers reauthentication"; by: "yes" | "hanging" | "replace" | "refresh" | "logout" }
  | { do: "server answers now" }
  | { do: "server drops"; verdict: "retry" | "refresh" | "logout"; retryAfter?: number }
  | { do: "barrier"; isHeld: boolean }
  | { do: "network"; signal: "network.online" | "network.offline" | "page.resumed" }
  | { do: "time passes"; milliseconds: number };

/** A happening, and how many turns the promises have before the next one. */
export type Step = Happening & { turns: number };

/** A story of a connection. */
export interface Schedule {
  setting: Setting;
  steps: Step[];
}

const setting: fc.Arbitrary<Setting> = fc.record({
  tokens: fc.constantFrom("jwt", "opaque"),
  storage: fc.constantFrom("sync", "async"),
  rotation: fc.constantFrom("auto", "overlap", "replace"),
  half: fc.constantFrom("none", "names users", "reauthenticates"),
  hasRefresh: fc.boolean(),
  reconnectionAttempts: fc.constantFrom(Number.POSITIVE_INFINITY, 2),
  isCutShort: fc.boolean(),
});

const user = fc.constantFrom(0, 0, 1, 2);
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

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("login"), user }) },
  { weight: 1, arbitrary: fc.constant({ do: "login again" }) },
  { weight: 2, arbitrary: fc.constant({ do: "logout" }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("store elsewhere"), user }) },
  { weight: 1, arbitrary: fc.constant({ do: "remove elsewhere" }) },
  { weight: 1, arbitrary: fc.constant({ do: "signal" }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("storage"), is: fc.constantFrom("up", "down", "hung") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("refresh brings"),
      what: fc.constantFrom("a token", "null", "an error"),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "connect" }) },
  { weight: 1, arbitrary: fc.constant({ do: "disconnect" }) },
  { weight: 1, arbitrary: fc.constant({ do: "refresh" }) },
  { weight: 4, arbitrary: fc.constant({ do: "emit" }) },
  { weight: 6, arbitrary: fc.constant({ do: "emitWithAck" }) },
  { weight: 3, arbitrary: fc.constant({ do: "server sends" }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("server"), will: fc.constantFrom(...behaviours) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("server answers reauthentication"),
      by: fc.constantFrom("yes", "hanging", "replace", "refresh", "logout"),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: "server answers now" }) },
  {
    weight: 3,
    arbitrary: fc.record(
      { do: fc.constant("server drops"), verdict, retryAfter: fc.constantFrom(0, 2_000) },
      { requiredKeys: ["do", "verdict"] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("barrier"), isHeld: fc.boolean() }) },
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
) as fc.Arbitrary<Happening>;

const step: fc.Arbitrary<Step> = fc
  .tuple(happening, fc.constantFrom(30, 0, 1, 2, 3, 30))
  .map(([what, turns]) => ({ ...what, turns }));

/** One story in ten is a long one. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  setting,
  steps: fc.oneof(
    { weight: 9, arbitrary: fc.array(step, { maxLength: 16, size: "max" }) },
    { weight: 1, arbitrary: fc.array(step, { maxLength: 60, size: "max" }) },
  ),
});

/** A schedule as it is written in a test. */
export function print({ setting: given, steps }: Schedule): string {
  const line = (value: object): string => {
    const members = Object.entries(value).map(
      ([name, each]) => `${name}: ${typeof each === "string" ? JSON.stringify(each) : String(each)}`,
    );
    return `{ ${members.join(", ")} }`;
  };
  return `await replay(${line(given)}, [\n${steps.map((each) => `  ${line(each)},`).join("\n")}\n]);`;
}
