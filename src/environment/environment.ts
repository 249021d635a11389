import { currentPage } from "./page.js";

/** What the surroundings can tell. */
export type EnvironmentSignal = "network.online" | "network.offline" | "page.resumed";

/** Where signals of the network and the page come from. */
export interface Environment {
  /** Calls back with each signal; returns the function that ends the subscription. */
  subscribe(onSignal: (signal: EnvironmentSignal) => void): () => void;
}

/**
 * The browser's own signals: `online` and `offline`, a page that becomes visible, is resumed after a freeze, or
 * comes back from the back/forward cache. In a runtime without a page it is silent.
 *
 * @see https://wicg.github.io/page-lifecycle/
 */
export function browserEnvironment(): Environment {
  return {
    subscribe(onSignal) {
      const page = currentPage();
      const root = page?.document;
      const onOnline = (): void => onSignal("network.online");
      const onOffline = (): void => onSignal("network.offline");
      const onResume = (): void => onSignal("page.resumed");
      const onVisibility = (): void => {
        if (root?.visibilityState === "visible") onResume();
      };
      const onPageShow = (event: PageTransitionEvent): void => {
        if (event.persisted) onResume();
      };
      page?.addEventListener("online", onOnline);
      page?.addEventListener("offline", onOffline);
      page?.addEventListener("pageshow", onPageShow);
      root?.addEventListener("visibilitychange", onVisibility);
      root?.addEventListener("resume", onResume);
      return () => {
        page?.removeEventListener("online", onOnline);
        page?.removeEventListener("offline", onOffline);
        page?.removeEventListener("pageshow", onPageShow);
        root?.removeEventListener("visibilitychange", onVisibility);
        root?.removeEventListener("resume", onResume);
      };
    },
  };
}
