import { connectionModel } from "socket-rotor/testing";
import { describe, expect, it } from "vitest";
import type { AnyStateNode } from "xstate";
import { connectionMachine, credentialMachine } from "../../../machines/index.js";

/** `npm run test:quick` walks the two plain setups alone. */
const isBrief = process.env["SCHEDULES"] === "brief";
const cases = connectionModel(isBrief ? { setups: ["with refresh", "without refresh"] } : {});

describe("every edge of the charts' graph is the same step in the real interpreter, and G1 to G5 and G9 hold after it", () => {
  it.each(cases.map(({ name, run }): [string, typeof run] => [name, run]))("%s", (_, run) => run());
});

/** What the model cannot bring about. */
const ELSEWHERE = new Set([
  // A token that has expired before it is sent: test/unit/credential/expired-token.test.ts.
  "connection.connecting token.changed 0",
  "connection.connecting.reading token.certain 0",
  "connection.loggedOut token.changed 0",
  // An answer after a weaker way was taken: test/behaviour/fakes/late-answer.test.ts.
  "connection.rotating io.reauthenticationFailed 0",
  // An actor that is stopped and started again: test/unit/restart.test.ts.
  "connection links.lost 0",
  "connection.idle links.lost 0",
  "connection.loggedOut links.lost 0",
  // A refresh that goes on while the page was away: test/unit/machines/credential-table.test.ts.
  "credential.token.good token.refreshFailed 0",
  // A server that answered an earlier handshake: the same table.
  "credential.session.awaited.renewing signedOut 0",
]);

// It takes the walks of every setup.
describe.runIf(!isBrief)("the transitions of both charts", () => {
  it("are all taken by the walks above", () => {
    const taken = new Set(cases.flatMap((each) => [...each.taken]));
    const missed = [connectionMachine, credentialMachine]
      .flatMap(({ root }) => transitionsOf(root))
      .filter((transition) => !ELSEWHERE.has(transition) && !taken.has(transition));
    expect(missed).toEqual([]);
  });
});

function transitionsOf(node: AnyStateNode): string[] {
  const own = [...node.transitions].flatMap(([event, list]) =>
    list.map((_, index) => `${node.id} ${event} ${index}`),
  );
  const always = (node.always ?? []).map((_, index) => `${node.id} always ${index}`);
  return [...own, ...always, ...Object.values(node.states).flatMap(transitionsOf)];
}
