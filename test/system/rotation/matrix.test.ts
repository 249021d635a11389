import { describe, test } from "vitest";
import { type Case, type Change, play } from "../fixture/scenario";
import { jwtTokens, opaqueTokens } from "../fixture/tokens";
import { violationsOf } from "../fixture/violations";

type Way = Pick<Case, "rotation" | "hasHalf" | "firstAnswer">;

const reauthenticate: Way = { hasHalf: true };
const overlap: Way = { rotation: "overlap" };
const replace: Way = { hasHalf: true, rotation: "replace" };
const unavailable = "temporarily_unavailable" as const;
const refused = "invalid_token" as const;

/** Each step of each way; the rotation by closing first, of a server without a half, is in ../matrix.test.ts. */
const steps: readonly [name: string, at: string, way: Way][] = [
  ["same link: just after another change", "at once", reauthenticate],
  ["same link: as the server is asked", "rotating.reauthenticating.asking", reauthenticate],
  ["same link: as the credential is asked for", "credential", reauthenticate],
  ["same link: the server was asked", "asked", reauthenticate],
  ["same link: the server has answered", "answered", reauthenticate],
  [
    "same link: the server asks for patience",
    "rotating.reauthenticating.waiting",
    { ...reauthenticate, firstAnswer: unavailable },
  ],
  ["same link: the token was refused", "rotating.refreshing", { ...reauthenticate, firstAnswer: refused }],
  ["two links: just after another change", "at once", overlap],
  ["two links: the new one is opened", "rotating.overlapping.opening", overlap],
  ["two links: before the new engine is open", "request", overlap],
  ["two links: between engine and CONNECT", "engine", overlap],
  ["two links: as the credential is asked for", "credential", overlap],
  ["two links: the server is deciding", "handshake", overlap],
  ["two links: in the connect listener", "connect listener", overlap],
  ["two links: the old one settles", "rotating.finishing.settling", overlap],
  ["two links: the old one drains", "rotating.finishing.draining", overlap],
  ["two links: right after the switch", "connected", overlap],
  ["two links: the new one failed", "rotating.overlapping.waiting", { ...overlap, firstAnswer: unavailable }],
  ["two links: the new one was refused", "rotating.refreshing", { ...overlap, firstAnswer: refused }],
  ["replaced, with a half: the old one settles", "rotating.replacing.settling", replace],
  ["replaced, with a half: the old one is closed", "rotating.replacing.opening", replace],
  ["replaced, with a half: the server is deciding", "handshake", replace],
];
const changes: readonly Change[] = [
  "a newer token",
  "a sign-out",
  "another user",
  "a link drop",
  "disconnect()",
];
const namespaces = ["/", "/chat"];

for (const [kind, tokens, storage] of [
  ["JWT", jwtTokens, "sync"],
  ["JWT", jwtTokens, "hung"],
  ["opaque", opaqueTokens, "async"],
] as const) {
  for (const transport of ["polling", "websocket"] as const) {
    describe(`${kind} tokens, ${storage} storage, two namespaces, ${transport}`, () => {
      const cases = steps.flatMap(([name, at, way]) => changes.map((change) => ({ change, name, at, way })));
      test.concurrent.for(cases)(
        "$change, $name",
        async ({ change, at, way }, { expect, onTestFinished }) => {
          const given: Case = {
            tokens,
            storage,
            namespaces,
            transport,
            change,
            during: "rotation",
            at,
            ...way,
          };
          expect(violationsOf(await play(given, onTestFinished)).join("\n")).toBe("");
        },
      );
    });
  }
}
