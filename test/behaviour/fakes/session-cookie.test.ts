import { memoryStorage, type StorageAdapter, sessionCookie } from "socket-rotor";
import { accept, type FakeBehaviour, fakeIo, hang, refuse } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { rejection, thrown } from "../../support/rejection.js";
import { connect, type Harness, settled, untilConnected } from "./harness.js";

const named = (identity: string): FakeBehaviour => accept({ reauthenticate: false, identity });
const required = refuse("logout", undefined, "session_required");

/** A page that knows of a session; a test may give others the same storage. */
function page(behaviours: FakeBehaviour[], options: Parameters<typeof connect>[0] = {}): Harness {
  const storage: StorageAdapter = { ...memoryStorage("marker"), credential: "cookie" };
  return connect({ io: fakeIo(...behaviours), storage, ...options });
}
const handshakes = ({ io }: Harness) => io.log.filter(({ type }) => type === "handshake");

describe("sessionCookie():", () => {
  test("the handshake carries nothing, and a session that the server does not see is signed out, and no error", async () => {
    const made = connect({ io: fakeIo(required), storage: sessionCookie() });
    await settled();
    // Where there is no page, there is no session either.
    expect([made.state(), made.connection.getSnapshot().error]).toEqual(["loggedOut.signedOut", undefined]);
    const asked = page([required]);
    await settled();
    expect(handshakes(asked)).toMatchObject([{ auth: {}, headers: {} }]);
    expect([asked.state(), asked.connection.getSnapshot().error]).toEqual(["loggedOut.signedOut", undefined]);
  });

  test("login() and logout() after the HTTP call reach every tab, which make a new handshake or end", async () => {
    const storage: StorageAdapter = { ...memoryStorage("marker"), credential: "cookie" };
    const tabs = [page([named("ada")], { storage }), page([named("ada")], { storage })];
    await settled();
    for (const { io } of tabs) io.behave(named("grace"));
    await tabs[0]?.connection.login();
    await settled();
    expect(tabs.map((tab) => [tab.state(), handshakes(tab).length])).toEqual(
      Array(2).fill(["connected.steady", 2]),
    );
    await tabs[1]?.connection.logout();
    await settled();
    expect(tabs.map((tab) => [tab.state(), tab.io.links.length])).toEqual(
      Array(2).fill(["loggedOut.signedOut", 0]),
    );
  });

  test("a token is refused, and not shown", async () => {
    const { connection } = page([named("ada")]);
    const { message } = await rejection(connection.login("a-secret-token"), "ERR_INVALID_TOKEN");
    expect(message).not.toContain("secret");
  });

  test.each(["auth", "extraHeaders", "identify"])(
    "the option %s speaks of a token, and is refused",
    (name) => {
      thrown(() => page([named("ada")], { [name]: () => ({}) }), "ERR_INVALID_OPTION");
    },
  );

  test("session_changed makes a new handshake", async () => {
    const made = page([named("ada")]);
    await settled();
    made.io.last?.drop("io server disconnect", "retry", 0, "session_changed");
    await settled();
    expect([made.state(), handshakes(made).length]).toEqual(["connected.steady", 2]);
  });

  test("session_ended is told in the snapshot until the user's own sign-out", async () => {
    const { connection, io, state } = page([named("ada")]);
    await settled();
    io.last?.drop("io server disconnect", "logout", undefined, "session_ended");
    await settled();
    expect(state()).toBe("loggedOut.signedOut");
    expect(connection.getSnapshot().error).toMatchObject({ reason: "session_ended" });
    await connection.logout();
    expect(connection.getSnapshot().error).toBeUndefined();
  });

  test("G3 nothing queued leaves before the server has named the user", async () => {
    const { connection, io, messages } = page([hang()]);
    connection.socket.emit("early");
    await settled();
    io.last?.accept(null);
    await settled();
    expect(messages()).toEqual([]);
    io.last?.ready({ identity: "ada" });
    await settled();
    expect(messages()).toEqual(["early"]);
  });

  test.each<[string, FakeBehaviour]>([
    ["another user", named("grace")],
    ["nobody any more", accept()],
  ])("G3 what was queued is dropped where the server names %s", async (_, next) => {
    const made = page([named("ada"), next]);
    await settled();
    made.io.last?.drop();
    made.connection.socket.emit("of ada");
    await untilConnected(made);
    expect([made.messages(), made.dropped]).toEqual([[], ["of ada ERR_IDENTITY_CHANGED"]]);
  });

  test("login() after which the server sees no session is tried again for stableAfter, then one warning", async () => {
    const warnings: string[] = [];
    const made = page([required], { stableAfter: 5_000, logger: { warn: (line) => warnings.push(line) } });
    await settled();
    await made.connection.login();
    await settled();
    const begun = made.clock.now();
    expect([made.connection.status, warnings.length]).toEqual(["connecting", 0]);
    while (made.connection.status === "connecting") {
      await made.clock.advance(500);
      await settled();
    }
    expect(made.clock.now() - begun).toBeGreaterThanOrEqual(5_000);
    expect([made.state(), warnings.length, handshakes(made).length > 2]).toEqual([
      "loggedOut.signedOut",
      1,
      true,
    ]);
    // express-session answers before it has saved a session.
    await made.connection.login();
    await settled();
    made.io.behave(named("ada"));
    await untilConnected(made);
    expect([made.connection.status, warnings.length]).toEqual(["connected", 1]);
  });
});
