import { noEnd } from "../credential/subscription.js";
import type { Vault } from "../credential/vault.js";
import type { Log } from "../logger.js";
import type { Environment, EnvironmentSignal } from "./environment.js";

/**
 * Subscribes to signals of network and page. They are hints: without them a connection works all the same, so an
 * environment that fails is warned of, and no more.
 */
export function followEnvironment(
  environment: Environment,
  onSignal: (signal: EnvironmentSignal) => void,
  vault: Pick<Vault, "maskError">,
  log: Log,
): () => void {
  try {
    const end: unknown = environment.subscribe(onSignal);
    if (typeof end === "function") return () => end();
    log.warnOnce("environment", `The environment's ${noEnd(end)}`);
  } catch (cause) {
    log.warnOnce(
      "environment",
      `The environment's subscribe() failed, so signals of network and page are not heard. The connection works without them. ${vault.maskError(cause)}`,
    );
  }
  return () => {};
}
