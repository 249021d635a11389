import { LONGEST_DELAY, unref } from "../clock.js";
import { invalidOption } from "../errors.js";
import type { Logger } from "../logger.js";

/** An address to fetch, and how often, in milliseconds. */
export interface KeepAlive {
  url: string;
  interval: number;
}

interface Given {
  keepAliveUrl?: string | URL | undefined;
  keepAliveInterval?: number | undefined;
}

const FIVE_MINUTES = 300_000;
const LEAST = 1_000;

/** Checks what the application gave; `undefined` where nothing is to be kept alive. */
export function checkKeepAlive({
  keepAliveUrl,
  keepAliveInterval = FIVE_MINUTES,
}: Given): KeepAlive | undefined {
  const interval: unknown = keepAliveInterval;
  if (typeof interval !== "number" || !(interval >= LEAST && interval <= LONGEST_DELAY)) {
    throw invalidOption(
      `sessionCookie takes at least ${LEAST} and at most ${LONGEST_DELAY} milliseconds as its keepAliveInterval.`,
    );
  }
  if (keepAliveUrl === undefined) return undefined;
  const url = String(keepAliveUrl);
  let parsed: URL;
  try {
    // On a server that renders pages there is no address to resolve it against yet.
    parsed = new URL(url, globalThis.location?.href ?? "http://localhost");
  } catch {
    throw invalidOption('sessionCookie takes an address as its keepAliveUrl, such as "/session/keep-alive".');
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw invalidOption(
      `sessionCookie takes an address that begins with https:, http: or a slash as its keepAliveUrl, not ${parsed.protocol}`,
    );
  }
  return { url, interval };
}

/** Fetches the address again and again while `isNeeded`; returns the function that ends it. */
export function startKeepAlive(
  { url, interval }: KeepAlive,
  isNeeded: () => boolean,
  logger: Logger,
): () => void {
  const ending = new AbortController();
  let isUnderWay = false;
  const ask = async (): Promise<void> => {
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      if (!isNeeded()) return;
      const { status, ok } = await fetch(url, {
        credentials: "include",
        cache: "no-store",
        signal: ending.signal,
      });
      if (!ok) logger.debug?.(`The keep-alive of the session was answered with HTTP status ${status}.`);
    } catch {
      if (!ending.signal.aborted) logger.debug?.("The keep-alive of the session failed; it is tried again.");
    } finally {
      isUnderWay = false;
    }
  };
  const timer = setInterval(() => void ask(), interval);
  unref(timer);
  return () => {
    clearInterval(timer);
    ending.abort();
  };
}
