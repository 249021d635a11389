import type { CookieOptions } from "express-session";
import { expect, test } from "vitest";
import { handshake } from "../handshake.js";
import { startSessions } from "./fixture.js";

const site = "https://app.example.org";

async function told(cookie: CookieOptions, headers: Record<string, string>): Promise<string[]> {
  const server = await startSessions({ session: { cookie } });
  const browser = server.browser();
  await browser.post("/login?user=alice");
  for (let times = 0; times < 2; times += 1) {
    await handshake(server.url, "polling", { origin: site, "sec-fetch-site": "cross-site", ...headers });
  }
  return server.lines.filter((line) => line.includes("another site"));
}

test.each<[sameSite: CookieOptions["sameSite"]]>([["lax"], ["strict"], [true], [undefined]])(
  "F33 a page of another site that gets no cookie of sameSite %s is told once, with the line to change",
  async (sameSite) => {
    expect(await told({ sameSite }, {})).toEqual([
      expect.stringMatching(/"https:\/\/app\.example\.org".*sameSite: "none", secure: true/),
    ]);
  },
);

test.each<[what: string, cookie: CookieOptions, headers: Record<string, string>]>([
  ["a page of the same site", { sameSite: "lax" }, { "sec-fetch-site": "same-site" }],
  ["a cookie for other sites", { sameSite: "none" }, {}],
  ["a cookie that came in spite of it", { sameSite: "lax" }, { cookie: "connect.sid=s%3Aa.b" }],
])("nothing is told of %s", async (_, cookie, headers) => {
  expect(await told(cookie, headers)).toEqual([]);
});

test("F55 of the first five origins, however many there are", async () => {
  const server = await startSessions({ session: { cookie: { sameSite: "lax" } } });
  for (let each = 0; each < 8; each += 1) {
    const origin = `https://${each}.example.org`;
    await handshake(server.url, "polling", { origin, "sec-fetch-site": "cross-site" });
  }
  expect(server.lines.filter((line) => line.includes("another site"))).toHaveLength(5);
});
