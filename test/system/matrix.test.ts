import { describe, test } from "vitest";
import { type Change, play, type Step } from "./fixture/scenario";
import { jwtTokens, opaqueTokens, sessionCookies } from "./fixture/tokens";
import { violationsOf } from "./fixture/violations";

const steps: readonly [name: string, step: Step][] = [
  ["before connect", { during: "connection", at: "at once" }],
  ["while the storage is read", { during: "connection", at: "connecting.reading" }],
  ["before the engine is open", { during: "connection", at: "request" }],
  ["between engine and CONNECT", { during: "connection", at: "engine" }],
  ["as the credential is asked for", { during: "connection", at: "credential" }],
  ["after CONNECT, before the reply", { during: "connection", at: "handshake" }],
  ["in the connect listener", { during: "connection", at: "connect listener" }],
  ["just connected", { during: "connection", at: "connected" }],
  ["just after another change", { during: "rotation", at: "at once" }],
  ["while the old link settles", { during: "rotation", at: "rotating.replacing.settling" }],
  ["after the old link closed", { during: "rotation", at: "rotating.replacing.opening" }],
  ["before the new engine is open", { during: "rotation", at: "request" }],
  ["between the new engine and CONNECT", { during: "rotation", at: "engine" }],
  ["as the new credential is asked for", { during: "rotation", at: "credential" }],
  ["after the new CONNECT, before the reply", { during: "rotation", at: "handshake" }],
  ["in the connect listener of the switch", { during: "rotation", at: "connect listener" }],
  ["right after the switch", { during: "rotation", at: "connected" }],
];
const changes: readonly Change[] = ["a newer token", "a sign-out", "another user"];

for (const [kind, tokens] of [
  ["JWT", jwtTokens],
  ["opaque", opaqueTokens],
  ["cookie", sessionCookies],
] as const) {
  // A cookie is sent by the browser, and nobody is asked for it. Its link is closed at once, as anybody's may come next.
  const missing = kind === "cookie" ? ["credential", "rotating.replacing.settling"] : [];
  for (const storage of ["sync", "async", "hung"] as const) {
    for (const namespaces of [["/"], ["/", "/chat"]]) {
      for (const transport of ["polling", "websocket"] as const) {
        describe(`${kind === "cookie" ? "cookies" : `${kind} tokens`}, ${storage} storage, ${namespaces.length} namespaces, ${transport}`, () => {
          const cases = steps
            .filter(([, { at }]) => !missing.includes(at))
            .flatMap(([name, step]) => changes.map((change) => ({ change, name, step })));
          test.concurrent.for(cases)(
            "$change $name",
            async ({ change, step }, { expect, onTestFinished }) => {
              const given = { tokens, storage, namespaces, transport, change, ...step };
              const story = await play(given, onTestFinished);
              expect(violationsOf(story).join("\n")).toBe("");
            },
          );
        });
      }
    }
  }
}
