import type { ContractRule } from "socket-rotor/testing";

/** A runner that takes it in silence when a rule cannot be checked. */
export const QUIET = { skip() {} };

/** Runs every rule at the same time; answers with those that are broken, and what each of them said. */
export async function brokenRules(rules: readonly ContractRule[]): Promise<Map<string, string>> {
  const broken = new Map<string, string>();
  await Promise.all(
    rules.map(async ({ name, run }) => {
      try {
        await run(QUIET);
      } catch (error) {
        broken.set(name, error instanceof Error ? error.message : `no Error but ${typeof error}`);
      }
    }),
  );
  return broken;
}
