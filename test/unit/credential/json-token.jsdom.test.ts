import { cookieStorage, createConnection, type StorageAdapter, webStorage } from "socket-rotor";
import { afterEach, expect, test } from "vitest";
import { handMadeIo } from "../../support/hand-made-io.js";
import { manualClock, promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

const token = jwt({ sub: "alice" });
const session = JSON.stringify({ access_token: token, refresh_token: "the-refresh-token" });

afterEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  setCookie("token=; Max-Age=0");
});

function setCookie(text: string): void {
  Reflect.set(document, "cookie", text);
}

/** What a connection over this storage says and sends. */
async function connectionOver(storage: StorageAdapter) {
  const io = handMadeIo();
  const clock = manualClock();
  const connection = createConnection({ url: "https://api.example.com", storage, io, clock, logger: {} });
  await promisesSettled();
  await clock.advance(60_000);
  await promisesSettled();
  const { status, error } = connection.getSnapshot();
  connection.dispose();
  return { links: io.links.length, status, code: error?.code };
}

const REFUSED = { links: 0, status: "connecting", code: "ERR_INVALID_TOKEN" };

test.each(["local", "session"] as const)(
  "F48 JSON in %sStorage is never sent, and signs nobody out",
  async (area) => {
    const storage = area === "local" ? localStorage : sessionStorage;
    storage.setItem("auth", session);
    expect(await connectionOver(webStorage("auth", { area }))).toEqual(REFUSED);
    expect(storage.getItem("auth")).toBe(session);
  },
);

test.each([
  ["js-cookie", encodeURIComponent(session)],
  ["as it is", session.replaceAll(",", "%2C")],
  ["encoded twice", encodeURIComponent(encodeURIComponent(session))],
  ["in quotes that are encoded", encodeURIComponent(JSON.stringify(token))],
  ["Express", encodeURIComponent(`j:${session}`)],
  ["Express, signed", encodeURIComponent(`s:j:${session}.c2lnbmF0dXJl`)],
  ["@supabase/ssr", `base64-${btoa(session).replaceAll("=", "")}`],
])("F48 JSON in a cookie is never sent: %s", async (_, value) => {
  setCookie(`token=${value}`);
  expect(await connectionOver(cookieStorage("token"))).toEqual(REFUSED);
});

test("F48 the quotes around a cookie's value are the cookie's, and not of JSON", async () => {
  setCookie(`token="${token}"`);
  const { links, code } = await connectionOver(cookieStorage("token"));
  expect(links).toBeGreaterThan(0);
  // Nobody has answered.
  expect(code).toBe("ERR_CONNECT_TIMEOUT");
});
