import { accept, fakeIo } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { connectedRig } from "../../support/connections.js";
import { type SlowStorage, slowStorage } from "../../support/fake-storages.js";
import { connected, type Harness, settled, tokenOf, untilConnected } from "./harness.js";

/** Connected to a server that asks questions; the application answers when the test says so. */
function asked(made: Harness) {
  const replies: Array<(value: unknown) => void> = [];
  made.connection.socket.on("question", (reply) => replies.push(reply));
  /** What the server has got for an answer. */
  const got: unknown[] = [];
  const ask = (link = made.io.last): void => link?.send("question", (value: unknown) => got.push(value));
  const reply = (value: unknown): void => {
    for (const each of replies.splice(0)) each(value);
  };
  return { ...made, got, ask, reply };
}

/** The same, with a storage whose reads the test answers: from its signal to its answer everything is held. */
async function held(options: { bufferLimit?: number } = {}) {
  const storage: SlowStorage = slowStorage(tokenOf("ada"));
  const made = connected({ storage, ...options });
  await settled();
  storage.answerRead();
  const at = asked(await made);
  const answerRead = async (token: string | null): Promise<void> => {
    storage.value = token;
    storage.answerRead();
    await settled();
  };
  return { ...at, signal: () => storage.signal(), answerRead };
}

describe("a reply to an event of the server's obeys the gate that messages obey:", () => {
  test("it leaves at once where nothing is in doubt", async () => {
    const { ask, reply, got } = asked(await connected());
    ask();
    reply("yes");
    expect(got).toEqual(["yes"]);
  });

  test("it is held while the storage is read, and leaves in its turn", async () => {
    const { ask, reply, got, signal, answerRead, connection, messages } = await held();
    ask();
    signal();
    connection.socket.emit("before");
    reply("yes");
    await settled();
    expect([got, messages()]).toEqual([[], []]);
    await answerRead(tokenOf("ada"));
    expect([got, messages()]).toEqual([["yes"], ["before"]]);
  });

  test.each([
    ["a sign-out", null],
    ["another user", tokenOf("grace")],
  ])("G3 it never leaves where the read finds %s, and nobody is told", async (_, token) => {
    const { ask, reply, got, signal, answerRead, dropped } = await held();
    ask();
    signal();
    reply("of ada");
    await answerRead(token);
    reply("of ada");
    expect([got, dropped]).toEqual([[], []]);
  });

  test("G3 it does not leave after a sign-out of which nobody was told", async () => {
    const { ask, reply, got, storage, state } = asked(await connected());
    ask();
    storage.value = null;
    reply("of ada");
    await settled();
    expect([got, state()]).toEqual([[], "loggedOut.signedOut"]);
  });

  test("G3 it does not leave after logout()", async () => {
    const { ask, reply, got, connection } = asked(await connected());
    ask();
    void connection.logout();
    reply("of ada");
    expect(got).toEqual([]);
  });
});

describe("a reply leaves on the link that asked, or never:", () => {
  test("F6 not on the next one, where it keeps no message from leaving", async () => {
    const made = await held();
    const { ask, reply, got, signal, answerRead, io, clock, connection, messagesByLink } = made;
    ask();
    signal();
    reply("held");
    connection.socket.emit("next");
    io.last?.drop();
    for (let seconds = 0; seconds < 200 && messagesByLink().length === 0; seconds += 1) {
      await answerRead(tokenOf("ada"));
      await clock.advance(1_000);
    }
    reply("later");
    expect([got, messagesByLink()]).toEqual([[], ["2 next"]]);
  });

  test("F6 not after the link was lost, whatever came since", async () => {
    const made = asked(await connected());
    const { ask, reply, got, io } = made;
    ask();
    io.last?.drop();
    await untilConnected(made);
    reply("too late");
    await settled();
    expect(got).toEqual([]);
    ask();
    reply("in time");
    expect(got).toEqual(["in time"]);
  });

  test("F6 also over an adapter that would take it", async () => {
    const { connection, io, storage } = await connectedRig();
    const replies: Array<(value: unknown) => void> = [];
    connection.socket.on("question", (reply) => replies.push(reply));
    const got: unknown[] = [];
    io.link.sockets.get("/")?.receive("question", (value: unknown) => got.push(value));
    storage.write("opaque-2");
    io.link.accept();
    replies[0]?.("too late");
    expect([connection.status, io.links.length, got]).toEqual(["connected", 2, []]);
  });

  test("where two links are up, on the old one while that finishes", async () => {
    const io = fakeIo();
    io.unanswered.add("save");
    const { ask, reply, got, connection, storage, state } = asked(
      await connected({ io, rotation: "overlap" }),
    );
    // The old link stays until this is answered.
    connection.socket.emitWithAck("save").catch(() => {});
    ask();
    storage.write(tokenOf("ada", 2));
    await settled();
    expect([state(), io.links.length]).toEqual(["rotating.draining", 2]);
    reply("of the old link");
    ask();
    reply("of the new link");
    expect(got).toEqual(["of the old link", "of the new link"]);
  });
});

test("replies are outside of bufferLimit: they neither count nor are refused", async () => {
  const { ask, reply, got, signal, answerRead, connection, dropped, messages } = await held({
    bufferLimit: 1,
  });
  ask();
  ask();
  signal();
  reply("yes");
  connection.socket.emit("a").emit("b");
  expect(dropped).toEqual(["b ERR_BUFFER_FULL"]);
  await answerRead(tokenOf("ada"));
  expect([got, messages()]).toEqual([["yes", "yes"], ["a"]]);
});

describe("replies do not queue behind messages", () => {
  test("that wait for the next link while a newer token is put in force: they leave on the old one", async () => {
    const io = fakeIo();
    io.isBarrierHeld = true;
    const { ask, reply, got, connection, storage, state, messagesByLink } = asked(await connected({ io }));
    ask();
    storage.write(tokenOf("ada", 2));
    await settled();
    expect(state()).toBe("rotating.replacing");
    connection.socket.emit("message");
    reply("yes");
    expect([got, messagesByLink()]).toEqual([["yes"], []]);
    ask();
    reply("yes again");
    expect(got).toEqual(["yes", "yes again"]);
    io.links[0]?.settle();
    await settled();
    expect(messagesByLink()).toEqual(["2 message"]);
  });

  test("that wait while a refused token is refreshed", async () => {
    const io = fakeIo(accept({ reauthenticate: true }));
    const made = asked(await connected({ io, refresh: () => new Promise(() => {}) }));
    const { ask, reply, got, connection, storage, state, messages } = made;
    ask();
    io.behaveOnReauthentication((link) => link.answer({ ok: false, verdict: "refresh" }));
    storage.write(tokenOf("ada", 2));
    await settled();
    expect(state()).toBe("rotating.refreshing");
    connection.socket.emit("message");
    reply("yes");
    await settled();
    expect([got, messages()]).toEqual([["yes"], []]);
  });
});
