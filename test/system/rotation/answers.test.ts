import { describe, expect, test } from "vitest";
import { installedOn } from "../../../src/server/installed";
import { gate } from "../fixture/behaviours";
import { outcome, until, untilIn } from "../fixture/client";
import { Refusal } from "../fixture/rules";
import { opaqueTokens } from "../fixture/tokens";
import { signedIn } from "./fixture/signed-in";

const refuse = (wanted: string, error: string, retryAfter?: number) => (token: string) => {
  if (token === wanted) throw new Refusal(retryAfter === undefined ? { error } : { error, retryAfter });
};

describe("the server answers to another token on the same link", () => {
  test("invalid_token: the old link stays, messages are held, and it is refreshed once", async () => {
    const refreshed = gate();
    let calls = 0;
    const { server, storage, connection, issue, asked, drafts } = await signedIn({
      async refresh() {
        calls += 1;
        await refreshed.passed;
        return third;
      },
    });
    const [second, third] = [await issue(), await issue()];
    server.rules.verify = refuse(second, "invalid_token");
    connection.socket.on("are you there", (answer: (word: string) => void) => answer("yes"));
    storage.write(second);
    await untilIn(connection, "rotating.refreshing");
    connection.socket.emit("draft", 1);
    const acked = outcome(connection.socket.emitWithAck("draft", 2));
    // What the server says on the old link is heard, and answered; what is queued has not been written.
    expect(await server.io.timeout(5_000).emitWithAck("are you there")).toEqual(["yes"]);
    expect(drafts()).toEqual([]);
    refreshed.open();
    expect(await acked).toBe("resolved");
    await connection.whenConnected();
    expect(drafts()).toEqual(["ada 1", "ada 2"]);
    expect([calls, asked(), storage.read()]).toEqual([1, [second, third], third]);
    expect(server.log.all("connected")).toHaveLength(1);
    expect(server.carried()).toEqual([third]);
  });

  test("invalid_token, and again after the refresh: signed out here, with the storage as it was", async () => {
    let calls = 0;
    const { server, storage, connection, issue, asked } = await signedIn({
      async refresh() {
        calls += 1;
        return third;
      },
    });
    const [second, third] = [await issue(), await issue()];
    server.rules.verify = () => {
      throw new Refusal({ error: "invalid_token" });
    };
    storage.write(second);
    await untilIn(connection, "loggedOut.rejected");
    await server.untilLive(0);
    expect([calls, asked(), storage.read()]).toEqual([1, [second, third], third]);
  });

  test("insufficient_scope: the link is closed, and the token is not sent again", async () => {
    const { server, storage, connection, issue, asked } = await signedIn({ refresh: async () => "unused" });
    const second = await issue();
    server.rules.verify = refuse(second, "insufficient_scope");
    storage.write(second);
    await untilIn(connection, "loggedOut.rejected");
    await server.untilLive(0);
    expect([asked(), storage.read()]).toEqual([[second], second]);
    expect(server.log.all("connected")).toHaveLength(1);
  });

  test("temporarily_unavailable: asked again on the same link after retryAfter, while messages go on", async () => {
    const { server, storage, connection, issue, asked, states } = await signedIn();
    const second = await issue();
    server.rules.verify = refuse(second, "temporarily_unavailable", 40);
    storage.write(second);
    await server.log.count("answered", 1);
    const { retryAt = 0, since } = await until(connection, (snapshot) => snapshot.retryAt !== undefined);
    expect(retryAt - since).toBeGreaterThanOrEqual(40);
    expect(await connection.socket.emitWithAck("draft", "meanwhile")).toBe("done");
    server.rules.verify = () => {};
    await connection.whenConnected();
    expect(asked()).toEqual(asked().map(() => second));
    expect(asked().length).toBeGreaterThan(1);
    expect(server.log.all("connected")).toHaveLength(1);
    expect(states.filter((state) => !/^(rotating.reauthenticating|connected)/.test(state))).toEqual([]);
  });

  test("identity_mismatch: the old link is closed at once, what was queued is dropped, and a new one opens", async () => {
    const { name, issue: make, revoke, userOf } = opaqueTokens();
    // It takes everybody for one and the same.
    const tokens = { name, issue: make, revoke, userOf, identify: () => "somebody" };
    const { server, storage, connection, issue, drafts } = await signedIn({
      tokens,
      namespaces: ["/", "/chat"],
    });
    const other = await issue("grace");
    const deciding = gate();
    server.rules.verify = () => deciding.passed;
    storage.write(other);
    await server.log.count("asked", 1);
    // This namespace is joined when the server has decided, so that it waits.
    const queued = outcome(connection.of("/chat").emitWithAck("draft", 1));
    deciding.open();
    expect(await queued).toBe("ERR_IDENTITY_CHANGED");
    await connection.whenConnected();
    await connection.socket.emitWithAck("draft", 2);
    expect(drafts()).toEqual(["grace 2"]);
    const story = server.log.entries
      .filter(({ kind }) => kind === "connected" || kind === "disconnected")
      .map((entry) => ("user" in entry ? `${entry.user} ${entry.kind}` : ""));
    expect(story.slice(0, 3)).toEqual(["ada connected", "ada disconnected", "grace connected"]);
  });

  test.each([
    ["auto", "replacing"],
    ["overlap", "overlapping"],
  ] as const)("none in time: with rotation %s the next way is %s", async (rotation, next) => {
    const { server, storage, connection, issue, asked, states } = await signedIn({
      rotation,
      reauthenticateTimeout: 50,
    });
    const second = await issue();
    let isFirst = true;
    server.rules.verify = () => {
      if (!isFirst) return undefined;
      isFirst = false;
      return new Promise(() => {});
    };
    storage.write(second);
    await server.log.count("connected", 2);
    await connection.whenConnected();
    await connection.socket.emitWithAck("draft", 1);
    await server.untilLive(1);
    expect(server.carried()).toEqual([second]);
    expect(asked()).toEqual([second]);
    expect(states).toContain(`rotating.${next}`);
  });

  test("none, as the link drops in the middle of it: the newest token is applied on a new link", async () => {
    const { server, storage, connection, issue, drafts } = await signedIn();
    const second = await issue();
    server.rules.asked = () => server.drop();
    storage.write(second);
    await server.log.count("connected", 2);
    await connection.whenConnected();
    await connection.socket.emitWithAck("draft", 1);
    expect([server.carried(), drafts()]).toEqual([[second], ["ada 1"]]);
  });

  test("none, as the server is started again in the middle of it", async () => {
    const { server, storage, connection, issue, drafts } = await signedIn();
    const second = await issue();
    const stopped = new Promise<void>((resolve) => {
      server.rules.asked = () => resolve(server.stop());
    });
    storage.write(second);
    await stopped;
    await until(connection, ({ status }) => status === "connecting");
    await server.start();
    await connection.whenConnected();
    await connection.socket.emitWithAck("draft", 1);
    expect([server.carried(), drafts()]).toEqual([[second], ["ada 1"]]);
  });

  test("late, about a token that is not the newest any more: it does not count", async () => {
    const { server, storage, connection, issue, asked } = await signedIn();
    const [second, third] = [await issue(), await issue()];
    const deciding = gate();
    server.rules.verify = async (token) => {
      await deciding.passed;
      if (token === second) throw new Refusal({ error: "insufficient_scope" });
    };
    storage.write(second);
    await server.log.count("asked", 1);
    storage.write(third);
    await server.log.count("asked", 2);
    deciding.open();
    await connection.whenConnected();
    expect(asked()).toEqual([second, third]);
    expect(server.carried()).toEqual([third]);
    expect(server.log.all("connected")).toHaveLength(1);
  });
});

describe("a goodbye leads to the state that its word asks for", () => {
  async function goodbye(
    error: "invalid_token" | "session_ended" | "temporarily_unavailable" | "session_changed",
  ) {
    let calls = 0;
    const known = await signedIn({
      async refresh() {
        calls += 1;
        return fresh;
      },
    });
    const fresh = await known.issue();
    const [socket] = known.server.io.sockets.sockets.values();
    const link = socket && installedOn(known.server.io)?.links.of(socket.conn);
    if (!link) throw new Error("There is no link.");
    link.disconnectWithReason({ error });
    return { ...known, fresh, calls: () => calls };
  }

  test("session_ended: loggedOut.rejected, and nothing is sent any more", async () => {
    const { server, connection, calls } = await goodbye("session_ended");
    await untilIn(connection, "loggedOut.rejected");
    await server.untilLive(0);
    expect([server.log.all("connected").length, calls()]).toEqual([1, 0]);
  });

  test("invalid_token: refreshed, and connected with the fresh token", async () => {
    const { server, connection, fresh, calls } = await goodbye("invalid_token");
    await server.log.count("connected", 2);
    await connection.whenConnected();
    expect([server.carried(), calls()]).toEqual([[fresh], 1]);
  });

  test.each(["temporarily_unavailable", "session_changed"] as const)(
    "%s: connected again with the same token",
    async (word) => {
      const { server, connection, first, calls, states } = await goodbye(word);
      await server.log.count("connected", 2);
      await connection.whenConnected();
      expect([server.carried(), calls()]).toEqual([[first], 0]);
      expect(states.some((state) => state.startsWith("loggedOut"))).toBe(false);
    },
  );
});
