import { createConnection, memoryStorage } from "socket-rotor";
import { expect, onTestFinished, test } from "vitest";
import { createSessions, startSource } from "../../unit/server/sessions/source-fixture.js";

/** A client whose cookie HTTP may renew behind its back, as a browser's. */
async function start(renews: boolean) {
  const { signIn, find } = createSessions();
  const server = await startSource({ find });
  const heard: string[] = [];
  server.io.on("connection", (socket) => {
    socket.on("say", (text: string, answer: () => void) => {
      heard.push(`${socket.data.identity}: ${text}`);
      answer();
    });
  });
  const expiresAt = Date.now() + 1_000;
  let cookie = signIn("ada", { id: "a", expiresAt });
  const connection = createConnection({
    url: server.url,
    storage: memoryStorage("no secret"),
    auth: () => ({}),
    extraHeaders: () => ({ cookie }),
    reconnectionDelay: 10,
    reconnectionDelayMax: 50,
    stableAfter: 500,
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  const states: string[] = [];
  connection.subscribe(({ status }) => void (status !== states.at(-1) && states.push(status)));
  await connection.whenConnected();
  if (renews) cookie = signIn("ada", { id: "a", expiresAt: expiresAt + 60_000 });
  return { connection, states, heard };
}

test("F27 a cookie that was renewed: the connection is made anew, and what is said meanwhile arrives once", async () => {
  const { connection, states, heard } = await start(true);
  const left = new Promise<void>((resolve) => connection.socket.once("disconnect", () => resolve()));
  await left;
  await connection.socket.emitWithAck("say", "still here");
  expect(heard).toEqual(["ada: still here"]);
  expect(states).not.toContain("loggedOut");
  expect(connection.status).toBe("connected");
});

test("F27 a cookie that was not: the client is signed out, after a few attempts", async () => {
  const { connection } = await start(false);
  await expect.poll(() => connection.status).toBe("loggedOut");
  expect(connection.getSnapshot().error?.reason).toBe("session_required");
});
