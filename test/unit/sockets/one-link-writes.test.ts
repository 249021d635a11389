import { describe, expect, test } from "vitest";
import { connectedRig } from "../../support/connections.js";
import type { HandMadeLink } from "../../support/hand-made-io.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

const ada = (number: number): string => jwt({ sub: "ada", jti: number });

const written = (link: HandMadeLink | undefined): string[] =>
  (link?.sockets.get("/")?.written ?? []).map(({ event }) => event);

/** A rotation of ada's connection has begun; its links settle when the test says so. */
async function rotating(rotation: "overlap" | "replace") {
  const at = await connectedRig(ada(1), { rotation });
  at.io.isSettlingAtOnce = false;
  const { socket } = at.connection;
  const heard: unknown[] = [];
  socket.on("news", (value) => heard.push(value));
  socket.emit("before");
  at.storage.write(ada(2));
  await promisesSettled();
  const [old] = at.io.links;
  return { ...at, socket, old, heard };
}

describe("G4 while one link takes the place of another of the same user", () => {
  test("F43 overlapping, nothing is written on the new one before the server has read the old one to its end", async () => {
    const { connection, io, socket, old, heard } = await rotating("overlap");
    expect(io.links).toHaveLength(2);
    socket.emit("before it is accepted");
    io.link.accept();
    await promisesSettled();
    socket.emit("while the old one settles");
    io.link.sockets.get("/")?.receive("news", "of the new link");
    expect([old?.isSettling, old?.isClosed, written(io.link)]).toEqual([true, false, []]);
    expect(written(old)).toEqual(["before", "before it is accepted"]);
    // What comes in does not wait for that.
    expect(heard).toEqual(["of the new link"]);
    old?.finishSettling();
    await promisesSettled();
    expect(written(io.link)).toEqual(["while the old one settles"]);
    expect([written(old).length, connection.status]).toEqual([2, "connected"]);
  });

  test("F43 overlapping, what the old link brings counts until the new one is accepted, and no longer", async () => {
    const { io, old, heard } = await rotating("overlap");
    old?.sockets.get("/")?.receive("news", "of the old link");
    expect(heard).toEqual(["of the old link"]);
    io.link.accept();
    await promisesSettled();
    old?.sockets.get("/")?.receive("news", "of the old link");
    io.link.sockets.get("/")?.receive("news", "of the new link");
    expect(heard).toEqual(["of the old link", "of the new link"]);
  });

  test("F43 overlapping, another namespace hears the old link until the new one has joined it", async () => {
    const { connection, io, storage } = await connectedRig(ada(1), { rotation: "overlap" });
    io.isSettlingAtOnce = false;
    const chat = connection.of("/chat");
    const heard: unknown[] = [];
    chat.on("news", (value) => heard.push(value));
    const before = io.link.sockets.get("/chat");
    before?.connect();
    storage.write(ada(2));
    io.link.accept();
    await promisesSettled();
    const after = io.link.sockets.get("/chat");
    before?.receive("news", "of the old link alone");
    after?.connect();
    before?.receive("news", "of both links");
    after?.receive("news", "of both links");
    expect(heard).toEqual(["of the old link alone", "of both links"]);
    expect([before === after, chat.connected]).toEqual([false, true]);
  });

  test("F43 overlapping, a packet with an id that the old link has brought counts once", async () => {
    const { io, old, heard } = await rotating("overlap");
    const delivered: string[] = [];
    const bring = (link: HandMadeLink | undefined, id: string): void =>
      link?.sockets
        .get("/")
        ?.listener()
        ?.onEvent("news", [id, id], () => delivered.push(id));
    bring(old, "1");
    io.link.accept();
    await promisesSettled();
    bring(io.link, "1");
    bring(io.link, "2");
    bring(io.link, "2");
    expect(heard).toEqual(["1", "2", "2"]);
    // What the new link may recover begins after it.
    expect(delivered).toEqual(["1", "1", "2", "2"]);
    // A volatile event has no id, and may end like one, again and again.
    bring(io.link, "1");
    expect(heard).toEqual(["1", "2", "2", "1"]);
  });

  test("replacing, nothing is written on the old one while it settles, and all of it on the new one", async () => {
    const { io, socket, old } = await rotating("replace");
    socket.emit("while it settles");
    expect([io.links.length, old?.isSettling, written(old)]).toEqual([1, true, ["before"]]);
    old?.finishSettling();
    await promisesSettled();
    io.link.accept();
    expect([io.links.length, old?.isClosed, written(io.link)]).toEqual([2, true, ["while it settles"]]);
  });
});
