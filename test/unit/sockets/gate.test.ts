import { describe, expect, test, vi } from "vitest";
import { credential } from "./harness.js";

/** A gate with a link of alice's, whom her token names. */
function aliceAtTheGate() {
  const user = credential(() => {});
  user.owners.begin("alice", false, false);
  const link = user.open(1);
  const alice = user.owners.current;
  /** What may be done with a message of hers, a reply, and an event. */
  const answers = (): boolean[] => [
    user.gate.mayWrite(1, alice),
    user.gate.mayReply(1),
    user.gate.mayDeliver(1),
  ];
  return { ...user, user, link, alice, answers };
}

const ALL = [true, true, true];
const NONE = [false, false, false];

describe("G3 the gate", () => {
  test("is open for the user who is signed in, on a link whose server has let that very one in", () => {
    expect(aliceAtTheGate().answers()).toEqual(ALL);
  });

  test.each<[string, (at: ReturnType<typeof aliceAtTheGate>) => void]>([
    ["it is uncertain what the storage holds", ({ user }) => Object.assign(user, { isCertain: false })],
    ["nobody is signed in", ({ user }) => Object.assign(user, { hasToken: false })],
    ["there is no such link", ({ user }) => user.close(1)],
    ["nobody knows yet whom the server has let in", ({ user }) => user.open(1, false)],
    ["another user's token is current", ({ user }) => user.owners.begin("bob", false, false)],
    ["the token says no more whose it is", ({ user }) => user.owners.begin(undefined, false, false)],
    ["the server says that the token is another user's", ({ user }) => user.owners.changeUser()],
  ])("is closed for everything while %s", (_, change) => {
    const at = aliceAtTheGate();
    change(at);
    expect(at.answers()).toEqual(NONE);
  });

  test("lets no message through but the link's own user's", () => {
    const { gate, owners, open, alice } = aliceAtTheGate();
    owners.begin("bob", false, false);
    open(2);
    expect([gate.mayWrite(2, alice), gate.mayWrite(2, owners.current), gate.mayWrite(1, alice)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("opens for what was emitted before, once the server says that it is the same user", () => {
    const { gate, owners, open } = aliceAtTheGate();
    owners.begin(undefined, false, false);
    owners.name(owners.ofToken, "a");
    const before = owners.current;
    owners.begin(undefined, false, false);
    const link = open(2, false);
    expect(gate.mayWrite(2, before)).toBe(false);
    link.owner = owners.name(link.owner, "a");
    link.isCertain = true;
    expect(gate.mayWrite(2, before)).toBe(true);
  });

  test("of a link that is paused keeps messages, and lets replies and events through", () => {
    const { gate, answers } = aliceAtTheGate();
    gate.isPaused = true;
    expect(answers()).toEqual([false, true, true]);
    gate.isPaused = false;
    expect(answers()).toEqual(ALL);
  });
});

describe("the look at the storage", () => {
  test("G3 is made for each message and each reply, and for no event", () => {
    const { user, answers } = aliceAtTheGate();
    const isCurrent = vi.fn(() => false);
    user.isCurrent = isCurrent;
    expect([answers(), isCurrent.mock.calls.length]).toEqual([[false, false, true], 2]);
  });

  test("is not made where it cannot change the answer", () => {
    const { user, gate, alice } = aliceAtTheGate();
    const isCurrent = vi.fn(() => true);
    user.isCurrent = isCurrent;
    gate.isPaused = true;
    gate.mayWrite(1, alice);
    user.isCertain = false;
    gate.isPaused = false;
    gate.mayWrite(1, alice);
    gate.mayReply(1);
    expect(isCurrent).not.toHaveBeenCalled();
  });

  test.each<[string, (at: ReturnType<typeof aliceAtTheGate>) => void]>([
    ["another user's token", ({ user }) => user.owners.begin("bob", false, false)],
    ["a sign-out", ({ user }) => Object.assign(user, { hasToken: false })],
    ["something that closes the link", ({ user }) => user.close(1)],
    ["something to look at", ({ user }) => Object.assign(user, { isCertain: false })],
  ])("G3 may find %s, and then it is closed, whatever it answers", (_, change) => {
    for (const what of ["mayWrite", "mayReply"] as const) {
      const at = aliceAtTheGate();
      at.user.isCurrent = () => {
        change(at);
        return true;
      };
      expect(what === "mayWrite" ? at.gate.mayWrite(1, at.alice) : at.gate.mayReply(1)).toBe(false);
    }
  });

  test("may make the statechart pause, and then no message is written, whatever it answers", () => {
    const { user, gate, alice } = aliceAtTheGate();
    user.isCurrent = () => {
      gate.isPaused = true;
      return true;
    };
    expect([gate.mayWrite(1, alice), gate.mayReply(1)]).toEqual([false, true]);
  });

  test("F7 is made for each token that is presented: what is not current any more has none", () => {
    const { user, gate } = aliceAtTheGate();
    expect(gate.token(3)).toBe("token 3");
    user.isCurrent = () => false;
    expect(gate.token(3)).toBeUndefined();
  });
});
