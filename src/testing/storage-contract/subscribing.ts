import { describeType } from "../../value.js";
import { expect, holdsFor, until } from "../contract.js";
import { A_MOMENT, PATIENCE, write } from "./asking.js";
import { type Follower, follow } from "./follower.js";
import type { StorageChecks, StorageHarness } from "./harness.js";

/** What `subscribe` tells, and when it is over. */
export const SUBSCRIBING: StorageChecks = {
  "subscribe answers with the function that ends the subscription": async ({ adapter }) => {
    const end: unknown = adapter.subscribe(() => {});
    expect(
      typeof end === "function",
      `subscribe() answered with ${describeType(end)}. Answer with a function that takes the listener away.`,
    );
    if (typeof end === "function") end();
  },
  "a change is told, and is there to be read when it is": async (harness) => {
    const { adapter, set, isSilent } = harness;
    if (isSilent) return;
    await set("first");
    const follower = follow(adapter);
    for (const token of ["second", null]) {
      await set(token);
      await until(
        () => follower.hasRead(token),
        PATIENCE,
        () => follower.complaint(token),
      );
    }
    follower.end();
  },
  "every subscription is told, and ending one leaves the others": async ({ adapter, set, isSilent }) => {
    if (isSilent) return;
    const [left, ...others] = [follow(adapter), follow(adapter), follow(adapter)];
    await set("first");
    for (const each of [left, ...others]) {
      await until(
        () => each?.hasRead("first") === true,
        PATIENCE,
        () => TELL_ALL,
      );
    }
    left?.end();
    // Once more does no harm.
    left?.end();
    await set("second");
    for (const each of others)
      await until(
        () => each.hasRead("second"),
        PATIENCE,
        () => TELL_ALL,
      );
    for (const each of others) each.end();
  },
  "a subscription that has ended is silent, and leaves no listener in the store": async (harness) => {
    const { adapter, listeners } = harness;
    const before = listeners?.();
    const ended = [follow(adapter), follow(adapter)];
    if (ended.some((each) => !each.canEnd)) return;
    const signals = await (harness.isSilent ? endInSilence(harness, ended) : endAmidSignals(harness, ended));
    await holdsFor(
      A_MOMENT,
      () => ended.every((each, index) => each.signals() === signals[index]),
      () =>
        "A listener was called after its subscription had ended. Take it away in the function that subscribe() answers with, and call it for no change that was under way.",
    );
    const after = listeners?.();
    expect(
      after === before,
      `The store had ${before} listeners before subscribe(), and has ${after} after every subscription has ended. Take yours away with the last one.`,
    );
  },
  "a subscription that begins after changes, or after others have ended, is told of the next": async ({
    adapter,
    set,
    isSilent,
  }) => {
    if (isSilent) return;
    follow(adapter).end();
    await set("first");
    await set("second");
    const follower = follow(adapter);
    await set("third");
    await until(
      () => follower.hasRead("third"),
      PATIENCE,
      () => follower.complaint("third"),
    );
    follower.end();
  },
};

const TELL_ALL =
  "Not every subscription was told. Keep one listener for each call of subscribe(), and take away only the one that ended.";

/** Ends subscriptions to a store that tells nobody, and changes it; answers how often each was told before. */
async function endInSilence(
  { adapter, set }: StorageHarness,
  ended: readonly Follower[],
): Promise<readonly number[]> {
  for (const each of ended) each.end();
  const signals = ended.map((each) => each.signals());
  await set("first");
  await write(adapter, "second");
  return signals;
}

/** Ends subscriptions right after a change, of which a signal may be under way; answers how often each was told. */
async function endAmidSignals(
  { adapter, set }: StorageHarness,
  ended: readonly Follower[],
): Promise<readonly number[]> {
  const witness = follow(adapter);
  const heard = (token: string): Promise<void> =>
    // Where nobody is told there is nothing to be silent about; another rule says so.
    until(
      () => witness.hasRead(token),
      PATIENCE,
      () => "",
    ).catch(() => {});
  await set("first");
  for (const each of ended) each.end();
  const signals = ended.map((each) => each.signals());
  await heard("first");
  await set("second");
  await heard("second");
  witness.end();
  return signals;
}
