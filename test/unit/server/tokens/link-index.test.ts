import { EventEmitter } from "node:events";
import { revoke } from "socket-rotor/server";
import { expect, test } from "vitest";
import { createLink, type Link } from "../../../../src/server/link.js";
import type { Credential } from "../../../../src/server/tokens/credential.js";
import { createLinkIndex } from "../../../../src/server/tokens/link-index.js";
import { seeded } from "../../../support/random.js";
import { signIn, startServer, tokenOf } from "../../../support/real-server.js";

const USERS = ["alice", "bob", "carol"];
const IDS = ["one", "two", undefined];

test("answers as a look at every link would, whatever comes and goes", () => {
  const random = seeded(7);
  const pick = <T>(values: readonly T[]): T => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new Error("There is nothing to pick from.");
    return value;
  };
  const index = createLinkIndex();
  const links = new Map<Link, Credential>();
  const credential = (): Credential => {
    const tokenId = IDS[Math.floor(random() * IDS.length)];
    return { subject: pick(USERS), data: {}, ...(tokenId !== undefined && { tokenId }) };
  };
  for (let step = 0; step < 5_000; step += 1) {
    const choice = random();
    if (links.size < 3 || choice < 0.4) {
      const link = createLink(
        Object.assign(new EventEmitter(), { readyState: "open", request: {}, close() {} }),
        () => {},
      );
      const next = credential();
      index.put(link, next, undefined);
      links.set(link, next);
    } else {
      const [link, previous] = pick([...links]);
      if (choice < 0.7) {
        const next = credential();
        index.put(link, next, previous);
        links.set(link, next);
      } else {
        index.remove(link, previous);
        links.delete(link);
      }
    }
    const [subject, tokenId] = [pick([...USERS, "nobody"]), pick(["one", "two", "none"])];
    for (const wanted of [{ subject }, { tokenId }, { subject, tokenId }]) {
      const expected = [...links].filter(([, one]) =>
        Object.entries(wanted).every(([name, value]) => Reflect.get(one, name) === value),
      );
      expect(new Set(index.find(wanted))).toEqual(new Set(expected.map(([link]) => link)));
    }
    expect(index.unnamed).toBe([...links.values()].filter(({ tokenId: id }) => id === undefined).length);
  }
  for (const [link, one] of links) index.remove(link, one);
  expect([index.unnamed, index.find({ subject: "alice" }), index.find({ tokenId: "one" })]).toEqual([
    0,
    [],
    [],
  ]);
});

test("revoke looks at no link but those that it ends", async () => {
  const server = await startServer();
  const alice = await signIn(server.client(), tokenOf("alice"));
  const bob = await signIn(server.client(), tokenOf("bob"));
  Object.defineProperty(server.links, Symbol.iterator, {
    value: () => expect.fail("revoke goes through all links"),
  });
  await revoke(server.io, { subject: "alice" });
  await expect.poll(() => alice.control.connected).toBe(false);
  await bob.control.emitWithAck("sync");
});
