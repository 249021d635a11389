import { explain } from "socket-rotor/inspect";
import { eventName, type PlainEvent } from "./event-words.js";
import { readSettings } from "./settings.js";

/** One step of a client's statechart: states as paths, counters and codes. */
export interface Step {
  /** The client's name: `a`. */
  client: string;
  /** The state before; `undefined` for the first step after the page was loaded. */
  from: string | undefined;
  to: string;
  event: PlainEvent;
  /** Epoch milliseconds. */
  at: number;
  /** Why the connection did that, in the library's own words. */
  words: string;
}

const channel = (): BroadcastChannel => new BroadcastChannel("playground steps");

/** Returns a function that tells every other page of the playground what a client does. */
export function announceSteps(client: string): (step: Omit<Step, "client">) => void {
  const everybody = channel();
  return (step) => everybody.postMessage({ client, ...step });
}

/** Hears of the steps of every client, in frames and in tabs. */
export function followSteps(onStep: (step: Step) => void): void {
  channel().addEventListener("message", ({ data }: MessageEvent<Step>) => onStep(data));
}

/** Why the connection did that, in the library's own words. */
export function wordsOf({ from, to, event }: Pick<Step, "from" | "to" | "event">): string {
  if (from === undefined) return "The page was loaded: the connection begins here.";
  const words = explain({ from, to, event }) ?? `${eventName(event)} led here.`;
  // The library says "token" of every credential. This page has no token where the credential is a cookie.
  return readSettings().credential === "cookie" ? words.replaceAll("token", "session") : words;
}
