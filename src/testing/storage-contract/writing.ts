import type { StorageAdapter } from "../../credential/storage-adapter.js";
import { expect, Unchecked, within } from "../contract.js";
import { A_MOMENT, describe, isSignedOut, PATIENCE, read, whileFailing, write } from "./asking.js";
import type { StorageChecks } from "./harness.js";

/** What an opaque token may look like. */
const AWKWARD = ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "a+b/c==", '%41 ; , "é" \\', "x".repeat(2_000)];

/** What `write` stores, where there is one. */
export const WRITING: StorageChecks = {
  "a token that is written is read": async ({ adapter }) => {
    for (const token of ["first", "second"]) {
      if (!(await write(adapter, token))) return;
      const answer = await read(adapter);
      expect(
        answer === token,
        `read() answered with ${describe(answer)} after write() had stored ${describe(token)}. Let write() return, or its promise resolve, only once the token is stored.`,
      );
    }
  },
  "writing null removes the token": async ({ adapter, set }) => {
    await set("first");
    if (!(await write(adapter, null))) return;
    const answer = await read(adapter);
    expect(
      isSignedOut(answer),
      `read() answered with ${describe(answer)} after write(null). Remove the entry; do not store the word "null".`,
    );
    await write(adapter, null);
    expect(isSignedOut(await read(adapter)), "A second write(null) brought a token back. Let it do nothing.");
  },
  "any string comes back as it was written": async ({ adapter }) => {
    for (const token of AWKWARD) {
      if (!(await write(adapter, token))) return;
      expect(
        (await read(adapter)) === token,
        "A token came back changed: it may have dots, signs, spaces, letters beyond ASCII and 2,000 characters. Encode it if your store has to.",
      );
    }
  },
  "a write that fails throws": async ({ adapter, set, setFailing }) => {
    if (!adapter.write) return;
    let hasFailed = false;
    for (const token of ["second", null]) {
      await set("first");
      const isWritten = await whileFailing(setFailing, () => begin(adapter, token));
      if (!(await isWritten())) {
        hasFailed = true;
        continue;
      }
      const answer = await read(adapter);
      expect(
        token === null ? isSignedOut(answer) : answer === token,
        `write() ended without an error while the store was failing, and ${describe(token)} was not stored. Throw: a sign-out that was not stored must not look like one.`,
      );
    }
    if (!hasFailed) throw new Unchecked("the harness's setFailing does not make writes fail.");
  },
};

/** Begins a write, and gives it time; what comes back tells, once the store works again, whether it was taken. */
async function begin(adapter: StorageAdapter, token: string | null): Promise<() => Promise<boolean>> {
  const written = (async () => adapter.write?.(token))().then(
    () => true,
    () => false,
  );
  // One that waits for the store to work again is as good as one that throws.
  await within(written, PATIENCE, "").catch(() => {});
  // One that goes on in the background fails with the store, if it has time to.
  await new Promise((resolve) => setTimeout(resolve, A_MOMENT));
  return () => within(written, PATIENCE, ENDLESS);
}

const ENDLESS = `write() neither ended nor threw within ${PATIENCE} ms after the store had failed and worked again. Throw when the store does.`;
