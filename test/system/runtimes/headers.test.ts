import { expect, test } from "vitest";
import { findSecrets } from "../../quality/canary/secrets.js";
import { open, untilSeen, useHarness } from "./fixture/harness.js";

const harness = useHarness();

test.each([
  ["websocket", undefined],
  ["polling", "Bearer"],
] as const)(
  "F12 over %s alone in Chromium, with extraHeaders, the token arrives in handshake.auth and never in an address",
  async (transport, scheme) => {
    const { server, browser } = harness;
    const page = await browser.newPage();
    await page.goto(`${server.url}/page`);
    const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
    const before = server.requests.length;
    const seen = server.log.story("memoryStorage").length;
    await open(page, "memoryStorage", server, transport);
    await untilSeen(page, "loggedOut.signedOut");
    for (const [index, { value }] of [first, second].entries()) {
      expect(await page.evaluate((token) => window.runtime.login(token), value)).toBe("done");
      await untilSeen(page, "connected.steady", index + 1);
    }
    // Labels are given for what stood in `auth.token`.
    expect(server.log.story("memoryStorage").slice(seen)).toEqual([
      `handshake ${first.label}`,
      `connect ${first.label}`,
      `disconnect ${first.label}`,
      `handshake ${second.label}`,
      `connect ${second.label}`,
    ]);
    const requests = server.requests.slice(before).filter(({ url }) => url.startsWith("/socket.io/"));
    expect(requests.every(({ url }) => url.includes(`transport=${transport}`))).toBe(true);
    // A browser sends no header of ours with a websocket; that is why the token is in auth.
    const schemes = new Set(requests.map(({ authorization }) => authorization?.split(" ")[0]));
    expect(schemes).toEqual(new Set([scheme]));
    const urls = server.requests.map(({ url }) => url).join("\n");
    expect(findSecrets(urls, server.tokens.values)).toEqual([]);
    await page.close();
  },
);
