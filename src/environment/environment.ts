import { unref } from "../clock.js";
import type { TokenStore } from "../credential/token-store.js";
import type { Log } from "../logger.js";
import { property } from "../value.js";
import { noEnd } from "../words/messages.js";

/** What the surroundings can tell. */
export type EnvironmentSignal = "network.online" | "network.offline" | "page.resumed";

/** Where signals of the network and the page come from. */
export interface Environment {
  /** Calls back with each signal; returns the function that ends the subscription. */
  subscribe(onSignal: (signal: EnvironmentSignal) => void): () => void;
}

/** How often to look at the time, in milliseconds. */
const LOOK = 10_000;

/** How late a look comes after a sleep, in milliseconds: later than in a page that is throttled in the background. */
const SLEEP = 60_000;

/**
 * The browser's own signals: `online` and `offline`, a page that becomes visible, is resumed after a freeze, or
 * comes back from the back/forward cache. In every runtime, a page or not, the end of a long sleep of the machine
 * counts as `page.resumed`. Its timer does not keep a Node process alive.
 *
 * @see https://wicg.github.io/page-lifecycle/
 */
export function browserEnvironment(): Environment {
  return {
    subscribe(onSignal) {
      const page = currentPage();
      const root = page?.document;
      const onResume = (): void => onSignal("page.resumed");
      const ends = [
        listenTo(page, "online", () => onSignal("network.online")),
        listenTo(page, "offline", () => onSignal("network.offline")),
        listenTo(page, "pageshow", (event) => {
          if (property(event, "persisted") === true) onResume();
        }),
        listenTo(root, "visibilitychange", () => {
          if (root?.visibilityState === "visible") onResume();
        }),
        listenTo(root, "resume", onResume),
        watchSleep(onResume),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** Calls back after each long sleep; returns the function that ends it. */
function watchSleep(onWake: () => void): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    const passed = now - last;
    last = now;
    if (passed > LOOK + SLEEP) onWake();
  }, LOOK);
  unref(timer);
  return () => clearInterval(timer);
}

/** The page's window, where there is one: React Native has a `window` without events, workers and Node have none. */
export function currentPage(): Window | undefined {
  return globalThis.window?.addEventListener === undefined ? undefined : globalThis.window;
}

/** Listens where there is something to listen to; returns the function that ends it. */
export function listenTo(
  target: EventTarget | undefined,
  type: string,
  listener: (event: Event) => void,
): () => void {
  target?.addEventListener(type, listener);
  return () => target?.removeEventListener(type, listener);
}

/** Subscribes to signals of network and page. They are hints: where an environment fails, a warning is logged. */
export function followEnvironment(
  environment: Environment,
  onSignal: (signal: EnvironmentSignal) => void,
  tokenStore: Pick<TokenStore, "maskError">,
  log: Log,
): () => void {
  try {
    const end: unknown = environment.subscribe(onSignal);
    if (typeof end === "function") return () => end();
    log.warnOnce("environment", `The environment's ${noEnd(end)}`);
  } catch (cause) {
    log.warnOnce(
      "environment",
      `The environment's subscribe() failed, so signals of network and page are not heard. The connection works without them. ${tokenStore.maskError(cause)}`,
    );
  }
  return () => {};
}
