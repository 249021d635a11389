import { accept, answer, fakeIo, hang } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { connected, followed, settled, tokenOf, untilConnected } from "./harness.js";

const newer = tokenOf("ada", 2);

describe("a newer token of the same user is put in force", () => {
  test("on the same link, where the server half takes it: no disconnect, no new id, nothing waits or is lost", async () => {
    const { connection, io, storage, messagesByLink, presented } = await connected({
      io: fakeIo(accept({ reauthenticate: true })),
    });
    const { socket } = connection;
    const { id } = socket;
    const heard: string[] = [];
    socket.on("disconnect", () => heard.push("disconnect"));
    socket.on("connect", () => heard.push("connect"));
    socket.on("news", () => heard.push("news"));
    io.behaveOnReauthentication(hang());
    await storage.write(newer);
    await settled();
    expect(connection.status).toBe("rotating");
    socket.emit("during");
    io.last?.send("news");
    io.last?.answer({ ok: true });
    await settled();
    socket.emit("after");
    expect([heard, socket.id, connection.status]).toEqual([["news"], id, "connected"]);
    expect([messagesByLink(), presented()]).toEqual([
      ["1 during", "1 after"],
      [tokenOf("ada"), newer],
    ]);
  });

  test('by a new link beside the old one, with rotation: "overlap": the old one serves until the new one is accepted', async () => {
    const { connection, io, storage, messagesByLink } = await connected({ rotation: "overlap" });
    const { socket } = connection;
    const heard: string[] = [];
    socket.on("news", (from: string) => heard.push(from));
    io.isHandshakeHeld = true;
    await storage.write(newer);
    await settled();
    expect([io.links.length, socket.connected]).toEqual([2, true]);
    io.links[0]?.send("news", "old");
    io.isHandshakeHeld = false;
    io.last?.accept();
    await settled();
    io.last?.send("news", "new");
    socket.emit("after");
    expect([heard, messagesByLink(), io.links.length]).toEqual([["old", "new"], ["2 after"], 1]);
  });

  test("by closing the old link and opening a new one, where neither is to be had", async () => {
    const { connection, io, storage, messagesByLink } = await connected({ rotation: "replace" });
    const heard: string[] = [];
    connection.socket.on("disconnect", (reason) => heard.push(reason));
    connection.socket.on("connect", () => heard.push("connect"));
    io.isBarrierHeld = true;
    connection.socket.emit("before");
    await storage.write(newer);
    await settled();
    connection.socket.emit("during");
    // The barrier: the old link is closed when the server has read what was written.
    expect([io.links.map(({ number }) => number), messagesByLink()]).toEqual([[1], ["1 before"]]);
    io.last?.settle();
    await settled();
    expect([io.links.map(({ number }) => number), heard]).toEqual([[2], ["token rotation", "connect"]]);
    expect(messagesByLink()).toEqual(["1 before", "2 during"]);
  });

  test("the barrier is waited for no longer than drainTimeout", async () => {
    const { connection, io, clock, storage } = await connected({ rotation: "replace", drainTimeout: 3_000 });
    io.isBarrierHeld = true;
    await storage.write(newer);
    await clock.advance(2_999);
    await settled();
    expect(io.last?.number).toBe(1);
    await clock.advance(1);
    await settled();
    expect([io.last?.number, connection.status]).toEqual([2, "connected"]);
  });
});

describe("the server answers to another token on the same link", () => {
  const withHalf = () =>
    connected({ io: fakeIo(accept({ reauthenticate: true })), refresh: async () => tokenOf("ada", 3) });

  test("refresh: the old link stays, messages wait, and it is refreshed once", async () => {
    const { connection, io, storage, presented } = await withHalf();
    io.behaveOnReauthentication(answer({ ok: false, verdict: "refresh" }), answer({ ok: true }));
    await storage.write(newer);
    await settled();
    expect(presented()).toEqual([tokenOf("ada"), newer, tokenOf("ada", 3)]);
    expect([connection.status, io.links.length, io.last?.number]).toEqual(["connected", 1, 1]);
  });

  test("logout: the link is closed, and the token not sent again", async () => {
    const { io, storage, state, presented } = await withHalf();
    io.behaveOnReauthentication(answer({ ok: false, verdict: "logout" }));
    await storage.write(newer);
    await settled();
    expect([state(), io.links.length, presented().length]).toEqual(["loggedOut.rejected", 0, 2]);
  });

  test("another user: the old link is closed first, and what was queued is dropped", async () => {
    const { connection, io, storage, messages } = await withHalf();
    io.behaveOnReauthentication(hang());
    await storage.write(newer);
    await settled();
    io.isHandshakeHeld = true;
    io.last?.answer({ ok: false, verdict: "replace", isOtherUser: true });
    await settled();
    expect([io.links.map(({ number }) => number), messages()]).toEqual([[2], []]);
    io.isHandshakeHeld = false;
    io.last?.accept();
    await settled();
    expect(connection.status).toBe("connected");
  });

  test("nothing within reauthenticateTimeout: a new link", async () => {
    const made = await connected({
      io: fakeIo(accept({ reauthenticate: true })),
      reauthenticateTimeout: 1_000,
    });
    const { io, storage, clock } = made;
    io.behaveOnReauthentication(hang());
    await storage.write(newer);
    await settled();
    await clock.advance(1_000);
    await untilConnected(made);
    expect([io.last?.number, io.links.length, io.last?.auth?.token]).toEqual([2, 1, newer]);
  });
});

describe("another user", () => {
  test("G2 G3 closes the old link before the new one opens, and what was queued as the last one is dropped and told", async () => {
    const { connection, io, storage, messages, dropped } = await connected();
    io.unanswered.add("save");
    const written = followed(connection.socket.emitWithAck("save"));
    io.isHandshakeHeld = true;
    io.last?.drop();
    connection.socket.emit("queued");
    const queued = followed(connection.socket.emitWithAck("queued too"));
    await storage.write(tokenOf("grace"));
    await settled();
    expect([written.now, queued.now, dropped]).toEqual([
      "ERR_LINK_CLOSED",
      "ERR_IDENTITY_CHANGED",
      ["queued ERR_IDENTITY_CHANGED"],
    ]);
    connection.socket.emit("of grace");
    io.isHandshakeHeld = false;
    io.last?.accept();
    await settled();
    expect(messages()).toEqual(["save", "of grace"]);
    const story = io.log.flatMap(({ type }) => (type === "handshake" || type === "closed" ? [type] : []));
    expect(story.slice(0, 2)).toEqual(["handshake", "closed"]);
  });

  test("G6 nothing of the last one is delivered, and listeners stay", async () => {
    const { connection, io, storage } = await connected();
    const heard: string[] = [];
    connection.socket.on("news", (of: string) => heard.push(of));
    const old = io.last;
    old?.send("news", "ada");
    await storage.write(tokenOf("grace"));
    old?.send("news", "ada, late");
    await settled();
    io.last?.send("news", "grace");
    expect(heard).toEqual(["ada", "grace"]);
  });
});
