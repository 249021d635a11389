import { pathOf } from "../../snapshot.js";
import { expect } from "../contract.js";
import type { Fixture } from "./fixture.js";
import type { MessageRecord, User } from "./message-record.js";

/** What the world knows by itself, whatever the statechart makes of it. */
interface Observed {
  /** What a handshake has to carry. */
  auth: object;
  user: User | null;
  /** Whose messages may wait. */
  welcome: readonly (User | null)[];
  /** The link that has to prove that it is alive; 0 for none. */
  doubted: number;
  isCookie: boolean;
}

/** What must hold in every state, whatever led to it: G1 to G5. */
export function checkInvariants(
  { io, gate, actor }: Fixture,
  record: MessageRecord,
  observed: Observed,
): void {
  const now = actor.getSnapshot();
  const { auth, user, welcome, doubted, isCookie } = observed;
  const isSignedOut = now.matches("loggedOut");
  const isOut = isSignedOut || now.matches("idle");
  const mayOverlap = now.matches({ rotating: "overlapping" }) || now.matches({ rotating: "finishing" });
  const limit = isOut ? 0 : mayOverlap ? 2 : 1;
  const { length } = io.links;
  expect(length <= limit, `${length} links are open where ${limit} may be (G1).`);
  const isTokenCertain = !gate.isAsked;
  if (isTokenCertain && !isCookie && user) {
    for (const { number } of io.links) {
      const owner = record.ownerOf(number);
      expect(
        owner === undefined || owner === user,
        `Link ${number} of ${owner?.name} is open, and ${user.name} is signed in (G2).`,
      );
    }
  }
  const isOpen = now.matches("connected") && isTokenCertain && doubted === 0;
  if (isOpen) {
    const link = io.links.find(({ number }) => number === now.context.link);
    expect(link !== undefined, `It is in ${pathOf(now.value)}, and its link is not open.`);
    expect(
      JSON.stringify(link?.auth) === JSON.stringify(auth),
      `It is in ${pathOf(now.value)}, and its link was not authenticated by the newest token.`,
    );
  }
  record.balance({ auth, isTokenCertain, isSignedOut, users: welcome, doubted, isOpen });
}
