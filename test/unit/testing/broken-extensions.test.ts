import type { connectionMachine } from "socket-rotor/machines";
import { connectionModel, type ModelSetup } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { assign, fromCallback } from "xstate";
import { untyped } from "../../support/untyped.js";

type Machine = typeof connectionMachine;
type Implementations = Parameters<Machine["provide"]>[0];

interface Broken {
  what: string;
  given: Implementations;
  setup: ModelSetup;
  /** The case that fails, as its title begins. */
  caught: string;
  says: RegExp;
}

const nothing = (): void => {};
const never = (): boolean => false;
const always = (): boolean => true;

/** Statecharts that break a promise: each must fail the case that is about it. */
const BROKEN: readonly Broken[] = [
  {
    what: "refuses what is emitted after somebody has signed in again",
    given: { actions: { acceptTraffic: nothing } },
    setup: "without refresh",
    caught: "loggedOut.signedOut, token.changed",
    says: /refused with ERR_LOGGED_OUT, and nothing had happened that asks for it \(G4\)/,
  },
  {
    what: "leaves the link of the last user open until it has settled",
    given: { guards: { isSameUser: always } },
    setup: "without refresh",
    caught: "connected.steady, token.changed",
    says: /Link \d+ of user1 is open, and user2 is signed in \(G2\)/,
  },
  {
    what: "closes nothing",
    given: { actions: { closeLinks: nothing } },
    setup: "without refresh",
    caught: "connected.steady, token.removed",
    says: /open where 0 may be \(G1\)/,
  },
  {
    what: "never lets what waits leave again",
    given: { actions: { resumeTraffic: nothing } },
    setup: "a new link beside the old one",
    caught: "rotating.overlapping",
    says: /have no answer.*\(G4\)/,
  },
  {
    what: "queues while nobody is signed in",
    given: { actions: { refuseTraffic: nothing } },
    setup: "without refresh",
    caught: "connected.steady, token.removed",
    says: /\((G3|G5)\)/,
  },
  {
    what: "takes every link for one with the newest token",
    given: { guards: { isUpToDate: always } },
    setup: "without refresh",
    caught: "connected.steady, token.changed",
    says: /its link was not authenticated by the newest token/,
  },
  {
    what: "writes on a link that may be dead",
    given: { actions: { pauseTraffic: nothing } },
    setup: "another token on the same link",
    caught: "connected.refreshing, environment.resumed",
    says: /before that had proved to be alive \(F24\)/,
  },
  {
    what: "opens no link",
    given: { actions: { openLink: nothing } },
    setup: "without refresh",
    caught: "connecting.opening, token.unchanged",
    says: /There is a token, and the server accepts it; it stays in .* \(G8\)/,
  },
  {
    what: "makes no attempt when it is asked for one with a token that was refused",
    given: { actions: { retryToken: nothing } },
    setup: "without refresh",
    caught: "loggedOut.rejected, connect",
    says: /\(G8\)/,
  },
  {
    what: "sends a refused token again",
    given: { actions: { noteFailure: assign({ attempt: ({ context }) => context.attempt + 1 }) } },
    setup: "with refresh",
    caught: "connecting.opening, io.ended",
    says: /presented a token that the server has refused already \(F14\)/,
  },
  {
    what: "signs out in an outage",
    given: { guards: { isLogout: always } },
    setup: "without refresh",
    caught: "connecting.opening, io.ended",
    says: /Nobody has said a word against the token/,
  },
  {
    what: "never takes the next weaker way of rotating",
    given: { actions: { forgetReauthentication: nothing } },
    setup: "another token on the same link",
    caught: "rotating.reauthenticating.asking, io.reauthenticationFailed",
    says: /\(G8\)/,
  },
  {
    what: "opens no link beside the old one",
    given: { actions: { openNextLink: nothing } },
    setup: "a new link beside the old one",
    caught: "rotating.overlapping.opening, token.unchanged",
    says: /\(G8\)/,
  },
  {
    what: "leaves the old link open beside the new one",
    given: { actions: { closeOldLink: nothing } },
    setup: "a new link beside the old one",
    caught: "rotating.finishing",
    says: /\(G1\)/,
  },
  {
    what: "leaves the link open whose token is another user's, by the server's word",
    given: { guards: { isOtherUsersAnswer: never } },
    setup: "another token on the same link",
    caught: "rotating.reauthenticating.asking, io.reauthenticationFailed",
    says: /\(G2\)/,
  },
  {
    what: "signs out while a changed session is on its way",
    given: { actions: { noteFailure: nothing } },
    setup: "a session in a cookie",
    caught: "connecting.opening, io.ended",
    says: /session may be on its way, .*and the user counts as signed out/,
  },
];

describe("the model fails a statechart that", () => {
  test.each(BROKEN)("$what", async ({ given, setup, caught, says }) => {
    const all = connectionModel({ extend: (machine) => machine.provide(given), setups: [setup] });
    const cases = all.filter(({ name }) => name.startsWith(`${setup}: ${caught}`));
    expect(cases.length).toBeGreaterThan(0);
    const said: string[] = [];
    for (const { run } of cases) {
      await run().catch((error) => said.push(error.message));
      if (says.test(said.at(-1) ?? "")) break;
    }
    expect(said.join("\n")).toMatch(says);
  });
});

describe("an extension", () => {
  const list = (extend: (machine: Machine) => Machine) => () => connectionModel({ extend, setups: [] });

  test("may have an environment of its own, which the model still drives", async () => {
    const environment = fromCallback(() => {});
    const cases = connectionModel({
      extend: (machine) => machine.provide({ actors: { environment } }),
      setups: ["without refresh"],
    }).filter(({ name }) => /connected\.steady, environment/.test(name));
    expect(cases.length).toBeGreaterThan(0);
    for (const { run } of cases) await run();
  });

  test.each(["credential", "links", "traffic"])("that replaces the actor %s is refused", (name) => {
    const actors = { [name]: fromCallback(() => {}) };
    expect(list((machine) => machine.provide({ actors }))).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_OPTION",
        message: expect.stringContaining(`replaced the actor "${name}"`),
      }),
    );
  });

  test.each(["actions", "guards", "actors", "delays"])(
    "with a misspelt name among the %s is refused",
    (kind) => {
      const given = untyped<Implementations>({ [kind]: { closeLnik: nothing } });
      expect(list((machine) => machine.provide(given))).toThrow(`"closeLnik" among the ${kind}`);
    },
  );

  test.each([undefined, {}, null])("that answers with %j is refused", (answer) => {
    expect(list(() => untyped(answer))).toThrow("answers with the machine it is given");
  });
});

test("a set-up that there is not is refused, and would be no test at all", () => {
  const setups = untyped<ModelSetup[]>(["without refreshing"]);
  expect(() => connectionModel({ setups })).toThrow(
    'no set-up "without refreshing". There are "with refresh"',
  );
});
