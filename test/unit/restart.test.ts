import { connectionLogic, connectionOf } from "socket-rotor";
import { connectionMachine } from "socket-rotor/machines";
import { describe, expect, onTestFinished, test } from "vitest";
import { type AnyStateNode, createActor } from "xstate";
import { enter, LEAVES, recover, settled, surroundings } from "../support/leaves.js";
import { stopForNow } from "../support/restart.js";

const leavesOf = (state: AnyStateNode): string[] => {
  const below = Object.values(state.states).flatMap(leavesOf);
  return below.length === 0 ? [state.path.join(".")] : below;
};

test("every leaf of the chart is below", () => {
  const leaves = leavesOf(connectionMachine.root).filter(
    (path) => !["rotating.choosing", "connecting.failed"].includes(path),
  );
  expect(Object.keys(LEAVES).sort()).toEqual(leaves.sort());
});

const cases = Object.entries(LEAVES).flatMap(([path, leaf]) => [
  { path, leaf, when: "in the same task", wait: async () => {} },
  { path, leaf, when: "after a while", wait: settled },
]);

describe("F39 stopped and started again", () => {
  test.each(cases)("in $path, $when, an actor goes on with one link", async ({ path, leaf, wait }) => {
    const at = surroundings(leaf);
    const actor = createActor(connectionLogic, { input: at.input, clock: at.clock });
    onTestFinished(() => void actor.stop());
    const connection = connectionOf(actor);
    actor.start();
    await enter(leaf, at, connection);
    expect(pathOf(actor.getSnapshot().value)).toBe(path);
    const restart = stopForNow(actor);
    expect([at.io.links, at.listeners]).toEqual([[], 0]);
    await wait();
    restart();
    const { status, most, arrived, answer } = await recover(at, connection);
    expect([status, most]).toEqual([leaf.ends ?? "connected", leaf.ends ? 0 : 1]);
    expect([arrived, answer]).toEqual(
      leaf.ends === undefined
        ? [1, "after"]
        : [0, leaf.ends === "idle" ? "ERR_ACK_TIMEOUT" : "ERR_LOGGED_OUT"],
    );
    actor.stop();
    await settled();
    expect([at.io.links, at.listeners, at.clock.timers]).toEqual([[], 0, 0]);
  });
});

const pathOf = (value: unknown): string =>
  typeof value === "string"
    ? value
    : Object.entries(Object(value))
        .map(([name, child]) => `${name}.${pathOf(child)}`)
        .join();
