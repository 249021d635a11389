import type { SnapshotFrom } from "xstate";
import type { credentialMachine, SessionWord, Verdict } from "../../machines/index.js";

/**
 * What a server's verdict about the current token comes to, as the credential chart sees it: a refresh that cannot help
 * is a `logout`, and a session that may still be on its way is asked for again, unless no attempt is left.
 */
export function applyPolicy<Given extends Verdict | "replace">(
  credential: SnapshotFrom<typeof credentialMachine>,
  version: number,
  verdict: Given,
  session: SessionWord | undefined,
  hasAttemptsLeft: boolean,
): Given | Verdict {
  const isAwaited = hasAttemptsLeft && credential.matches({ session: "awaited" });
  if (verdict === "logout" && session === "required" && isAwaited) return "retry";
  const { context } = credential;
  const canRefresh = context.settings.hasRefresh && credential.matches({ token: "good" });
  return verdict === "refresh" && version === context.version && !canRefresh ? "logout" : verdict;
}
