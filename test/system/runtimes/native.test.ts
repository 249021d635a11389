import { expect, test } from "vitest";
import { bundle } from "./fixture/bundle.js";
import { runNative } from "./fixture/native-host.js";
import { startServer } from "./fixture/server.js";

test("without a page, Web Locks, BroadcastChannel, Symbol.dispose and the newer AbortSignal the package connects, rotates, refreshes and ends", async () => {
  const server = await startServer();
  const script = await bundle("native.entry.ts");
  const issued = [
    await server.tokens.issue("ada"),
    await server.tokens.issue("ada"),
    await server.tokens.issue("ada"),
  ];
  const lines: string[] = [];
  const present = await runNative(script, {
    url: server.url,
    tokens: issued.map(({ value }) => value),
    report: (line) => lines.push(line),
  });
  expect(present).toEqual([]);
  expect(lines).toEqual([
    "connected",
    "refresh, aborted false",
    "connected",
    "AbortError",
    "loggedOut.signedOut",
  ]);
  await server.log.until("gone", () => server.log.story("native").at(-1) === "disconnect ada 3");
  expect(server.log.story("native")).toEqual(
    issued.flatMap(({ label }) => [`handshake ${label}`, `connect ${label}`, `disconnect ${label}`]),
  );
  await server.close();
});
