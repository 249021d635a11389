import { type ContractRule, rulesOf } from "./contract.js";
import { STORAGE_HARNESS, type StorageHarness } from "./storage-contract/harness.js";
import { READING } from "./storage-contract/reading.js";
import { SUBSCRIBING } from "./storage-contract/subscribing.js";
import { WRITING } from "./storage-contract/writing.js";

export type { StorageHarness } from "./storage-contract/harness.js";

/**
 * The contract of {@link StorageAdapter} as a list of tests, for any test runner.
 *
 * A rule that does not apply holds: without `write` nothing is written, and a store that is silent tells nothing. What
 * a failure means is checked where the harness has `setFailing`; without it those rules are skipped, with a word.
 *
 * @param create - Makes an adapter and the means to drive it; called for each rule.
 * @returns the rules; `run` rejects with an `Error` that says which one is broken, and what to do.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` without a function; `run` rejects with it for a harness that
 *   lacks something or has what there is not.
 * @example
 * ```ts
 * import { test } from "node:test"; // Vitest's and Jest's `test` take the same
 * import { memoryStorage } from "socket-rotor";
 * import { storageContract } from "socket-rotor/testing";
 *
 * const rules = storageContract(() => {
 *   const adapter = memoryStorage(); // yours
 *   return { adapter, set: (token) => adapter.write(token) };
 * });
 * for (const { name, run } of rules) test(name, run);
 * ```
 */
export function storageContract(
  create: () => StorageHarness | Promise<StorageHarness>,
): readonly ContractRule[] {
  return rulesOf({
    caller: "storageContract",
    subject: "storage",
    create,
    shape: STORAGE_HARNESS,
    checks: { ...READING, ...WRITING, ...SUBSCRIBING },
  });
}
