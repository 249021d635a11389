import type { StorageAdapter } from "../../credential/storage-adapter.js";
import { describeType } from "../../value.js";
import { expect, Unchecked, within } from "../contract.js";

/** How long an answer or a signal may take, in milliseconds: two rounds of the slowest of our own polls. */
export const PATIENCE = 2_000;

/** How long what nobody can wait for may be under way: a late signal, a write in the background; in milliseconds. */
export const A_MOMENT = 50;

const LATE = `read() gave no answer within ${PATIENCE} ms. Answer each call, or reject where you cannot find out.`;

/** Asks as the library does, for as long as a test can wait. */
export async function read(adapter: StorageAdapter): Promise<unknown> {
  try {
    return await within(adapter.read(), PATIENCE, LATE);
  } catch (cause) {
    expect(!(cause instanceof Error && cause.message === LATE), LATE);
    throw new Error("read() threw though the store works. Throw only when you cannot find out.", { cause });
  }
}

/** Writes, where the adapter can; answers whether it could. */
export async function write(adapter: StorageAdapter, token: string | null): Promise<boolean> {
  if (!adapter.write) return false;
  await within(
    adapter.write(token),
    PATIENCE,
    `write() did not end within ${PATIENCE} ms. Resolve once the token is stored, or reject.`,
  );
  return true;
}

/** Makes the store fail while something is done. */
export async function whileFailing<T>(
  setFailing: ((isFailing: boolean) => void | Promise<void>) | undefined,
  act: () => Promise<T>,
): Promise<T> {
  if (!setFailing) throw new Unchecked("the harness has no setFailing.");
  await setFailing(true);
  try {
    return await act();
  } finally {
    await setFailing(false);
  }
}

export function isSignedOut(answer: unknown): boolean {
  return answer === null || answer === "";
}

/** The suite's own tokens by name, anything else by its type. */
export function describe(value: unknown): string {
  if (value === "first" || value === "second" || value === "third") return `the ${value} token`;
  return value === null ? "no token (null)" : describeType(value);
}
