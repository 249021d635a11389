import { pathOf } from "../../snapshot.js";
import { expect } from "../contract.js";
import type { FakeLink } from "../fake-link.js";
import type { Fixture } from "./fixture.js";

/** How many turns it may take: each is an answer, or the end of the next delay. */
const TURNS = 30;

/** What helps. */
interface Help {
  settled(): Promise<void>;
  hasToken(): boolean;
  /** The user signs in with another token. */
  signIn(): Promise<void>;
  /** The storage says what it holds. */
  ask(): Promise<unknown>;
  /** The server accepts a link. */
  accept(link: FakeLink): void;
}

/**
 * Gives it a token, a storage that answers and a server that accepts everything, and lets time pass: it must end up
 * connected, from wherever it is (G8).
 */
export async function recover(fixture: Fixture, help: Help): Promise<void> {
  const { io, gate, clock, actor } = fixture;
  const isUp = (): boolean => {
    const now = actor.getSnapshot();
    return now.matches("connected") && !now.matches({ connected: "checking" }) && !gate.isAsked;
  };
  io.isBarrierHeld = false;
  io.unanswered.clear();
  io.behave((link) => help.accept(link));
  for (let turn = 0; turn < TURNS && !isUp(); turn += 1) {
    const now = actor.getSnapshot();
    const isRefused = now.matches({ connecting: "refreshing" }) || now.matches({ rotating: "refreshing" });
    if (!help.hasToken() || isRefused) await help.signIn();
    else if (gate.isAsked) await help.ask();
    else if (now.matches("idle") || now.matches("loggedOut")) actor.send({ type: "connect" });
    else if (!answerAll(fixture, help)) clock.advance(Math.min(clock.untilNext, 60_000));
    await help.settled();
  }
  answerAll(fixture, help);
  await help.settled();
  const state = pathOf(actor.getSnapshot().value);
  expect(isUp(), `There is a token, and the server accepts it; it stays in ${state} even so (G8).`);
}

/** The server says everything that it can say; answers whether there was anything. */
function answerAll({ io, actor }: Fixture, help: Help): boolean {
  const before = actor.getSnapshot();
  for (const link of io.links) {
    help.accept(link);
    link.settle();
    if (link.isHoldingBack) link.acknowledge();
  }
  return actor.getSnapshot() !== before;
}
