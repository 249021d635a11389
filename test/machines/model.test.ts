import { connectionModel } from "socket-rotor/testing";
import { describe, expect, it } from "vitest";
import type { AnyStateNode } from "xstate";
import { connectionMachine } from "../../machines/index.js";

const cases = connectionModel();

describe("every edge of the machine's graph is the same step in the real interpreter, and G1 to G5 and G9 hold after it", () => {
  it.each(cases.map(({ name, run }): [string, typeof run] => [name, run]))("%s", (_, run) => run());
});

/** An answer that comes when the chart has long taken a weaker way: test/behaviour/fakes/late-answer.test.ts. */
const ELSEWHERE = "connection.rotating io.reauthenticationFailed 0";

describe("the transitions of the machine", () => {
  it("are all taken by the walks above", () => {
    const taken = new Set(cases.flatMap((each) => [...each.taken]));
    const missed = transitionsOf(connectionMachine.root).filter(
      (transition) => transition !== ELSEWHERE && !taken.has(transition),
    );
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
