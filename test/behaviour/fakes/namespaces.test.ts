import { fakeIo } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { connect, connected, type Harness, settled, tokenOf, untilConnected } from "./harness.js";

/** What the server has seen of `/chat`, each with the number of the link. */
const seen = ({ io }: Harness): string[] =>
  io.log.flatMap((entry) =>
    (entry.type === "joined" || entry.type === "left") && entry.namespace === "/chat"
      ? [`${entry.type} ${entry.link}`]
      : [],
  );

describe("a namespace that is left while the link opens", () => {
  async function opening() {
    const io = fakeIo();
    io.isHandshakeHeld = true;
    const made = connect({ io });
    const chat = made.connection.of("/chat");
    await settled();
    const accept = async (): Promise<void> => {
      io.isHandshakeHeld = false;
      io.last?.accept();
      await settled();
    };
    return { ...made, chat, accept };
  }

  test("is not joined, by this link nor by the next ones", async () => {
    const made = await opening();
    const { chat, accept, connection, io, storage } = made;
    chat.disconnect();
    await accept();
    expect([connection.status, chat.connected, chat.active, seen(made)]).toEqual([
      "connected",
      false,
      false,
      [],
    ]);
    storage.write(tokenOf("ada", 2));
    await settled();
    io.last?.drop();
    await untilConnected(made);
    expect([connection.status, seen(made)]).toEqual(["connected", []]);
  });

  test("and joined again is joined once", async () => {
    const made = await opening();
    const { chat, accept } = made;
    chat.disconnect();
    chat.connect();
    await accept();
    expect([chat.connected, seen(made)]).toEqual([true, ["joined 1"]]);
  });

  test("is left by the new link too, where that opens beside the old one", async () => {
    const made = await connected({ rotation: "overlap" });
    const { connection, io, storage } = made;
    const chat = connection.of("/chat");
    await settled();
    io.isHandshakeHeld = true;
    await storage.write(tokenOf("ada", 2));
    await settled();
    chat.disconnect();
    io.isHandshakeHeld = false;
    io.last?.accept();
    await settled();
    expect([chat.connected, seen(made)]).toEqual([false, ["joined 1", "left 1"]]);
  });
});

describe("a namespace that was joined stays joined, and one that was left stays left", () => {
  test.each(["auto", "overlap", "replace"] as const)(
    "over a rotation and a drop, with rotation: %s",
    async (rotation) => {
      const made = await connected({ rotation });
      const { connection, io, storage } = made;
      const [chat, news] = [connection.of("/chat"), connection.of("/news")];
      await settled();
      chat.disconnect();
      await storage.write(tokenOf("ada", 2));
      await settled();
      io.last?.drop();
      await untilConnected(made);
      expect([chat.connected, news.connected, seen(made)]).toEqual([false, true, ["joined 1", "left 1"]]);
      chat.connect();
      await settled();
      expect(chat.connected).toBe(true);
      expect(seen(made).at(-1)).toBe(`joined ${io.last?.number}`);
    },
  );
});

test("what was emitted in a namespace before it was joined leaves in order, when it is", async () => {
  const made = connect();
  const chat = made.connection.of("/chat");
  chat.emit("a").emit("b");
  await made.connection.whenConnected();
  await settled();
  chat.emit("c");
  expect(made.messages()).toEqual(["a", "b", "c"]);
});
