import { createRequire } from "node:module";
import type { Server } from "socket.io";
import type { Socket } from "socket.io-client";
import { expect, test } from "vitest";
import { findSecrets } from "../../quality/canary/secrets.js";
import { connected, next, refused, signIn, startServer, tokenOf, userOf } from "../../support/real-server.js";
import { untyped } from "../../support/untyped.js";
import { signedIn, startSessions } from "./sessions/fixture.js";

interface AdminUi {
  instrument(io: Server, options: { auth: false; mode: "development" }): void;
}

const { instrument } = untyped<AdminUi>(
  createRequire(new URL("../../ecosystem/admin-ui/package.json", import.meta.url))("@socket.io/admin-ui"),
);

/** Everything that a page of the admin UI is told. */
function overhear(admin: Socket): unknown[][] {
  const heard: unknown[][] = [];
  admin.onAny((...event) => heard.push(event));
  return heard;
}

test("what the admin UI shows holds no token, not even one that comes later", async () => {
  const server = await startServer({
    verify: async (token) => ({ subject: userOf(token), data: { role: "reader" } }),
    before: (io) => instrument(io, { auth: false, mode: "development" }),
  });
  const tokens = ["alice", "alice", "carol"].map(tokenOf);
  const [first = "", second = "", own = ""] = tokens;
  server.io.on("connection", (socket) => {
    socket.on("hello", (text: string) => socket.emit("echo", text));
  });
  const before = await signIn(server.client(), first, ["/"]);
  const admin = server.client().join("/admin", { token: own });
  const heard = overhear(admin);
  const shown = next(admin, "all_sockets");
  await connected(admin);
  await shown;
  const after = await signIn(server.client(), second, ["/"]);
  const answer = await before.control.emitWithAck("reauthenticate", { auth: { token: second } });
  expect(answer).toMatchObject({ ok: true });
  const echoed = next(after.sockets[0] ?? admin, "echo");
  after.sockets[0]?.emit("hello", "world");
  await echoed;
  const ended = next(admin, "socket_disconnected");
  before.sockets[0]?.disconnect();
  await ended;

  expect(findSecrets(heard, tokens)).toEqual([]);
  // The search would prove nothing if there had been nothing to search.
  const events = new Set(heard.map(([event]) => event));
  expect([...events].sort()).toEqual(
    expect.arrayContaining(["all_sockets", "event_received", "event_sent", "socket_connected"]),
  );
  expect(JSON.stringify(heard)).toContain('"identity":"alice"');
  expect(JSON.stringify(heard)).toContain('"role":"reader"');
});

test("nor a session's cookie", async () => {
  const server = await startSessions({
    share: signedIn,
    before: (io) => instrument(io, { auth: false, mode: "development" }),
  });
  const [ada, admin] = [server.browser(), server.browser()];
  await ada.post("/login?user=ada");
  await admin.post("/login?user=carol");
  await ada.connect();
  const page = admin.client().join("/admin", {});
  const heard = overhear(page);
  await next(page, "all_sockets");
  await ada.connect();
  await expect.poll(() => heard.map(([event]) => event)).toContain("socket_connected");
  const cookies = [ada, admin].map(({ cookie = "" }) => cookie.slice(cookie.indexOf("=") + 1));
  expect(cookies.map((cookie) => cookie.length > 50)).toEqual([true, true]);
  expect(findSecrets(heard, cookies)).toEqual([]);
  expect(JSON.stringify(heard)).toContain('"identity":"ada"');
});

test("a page of the admin UI gets in with a token alone, which is its user's", async () => {
  const server = await startServer({
    before: (io) => instrument(io, { auth: false, mode: "development" }),
  });
  expect(await refused(server.client().join("/admin", { username: "admin", password: "x" }))).toMatchObject({
    error: "invalid_token",
  });
  await connected(server.client().join("/admin", { token: tokenOf("carol") }));
});
