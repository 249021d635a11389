import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { gate } from "../../system/fixture/behaviours";
import { connectTo, untilIn, untilReady } from "../../system/fixture/client";
import { startServer, type TestServer } from "../../system/fixture/server";
import { syncStorage } from "../../system/fixture/storages";

type PollingRequest = IncomingMessage & { _query?: Record<string, string> };

/** Holds the next thing that a client sends over polling, as a slow network does; resolves when it is there. */
function holdNextPost(server: TestServer) {
  const { passed, open } = gate();
  let isHeld = false;
  const arrived = new Promise<void>((resolve) => {
    server.io.engine.use((request: PollingRequest, _: ServerResponse, next: () => void) => {
      if (isHeld || request.method !== "POST") return next();
      isHeld = true;
      resolve();
      return void passed.then(next);
    });
  });
  return { arrived, release: open };
}

/** How many connections were opened. */
const opened = (server: TestServer): number => server.log.all("request").length;

test("G2 the next link waits for the end of the old one, over polling, where that takes its time", async () => {
  const server = await startServer();
  const [ada, grace] = [await server.tokens.issue("ada"), await server.tokens.issue("grace")];
  const storage = syncStorage(ada);
  const connection = connectTo(server, { transport: "polling", storage });
  await connection.whenConnected();
  await connection.socket.emitWithAck("hello");
  const { arrived, release } = holdNextPost(server);
  storage.set(grace);
  await arrived;
  // As long as a connection takes, several times.
  for (const user of ["ben", "cleo"]) {
    const other = connectTo(server, { storage: syncStorage(await server.tokens.issue(user)) });
    await other.whenConnected();
    other.dispose();
  }
  const openedMeanwhile = opened(server);
  release();
  await connection.whenConnected();
  await connection.socket.emitWithAck("hello");
  expect([openedMeanwhile, opened(server)]).toEqual([3, 4]);
  const story = server.log.entries.flatMap((entry) =>
    (entry.kind === "connected" || entry.kind === "disconnected") && /ada|grace/.test(entry.user)
      ? [`${entry.user} ${entry.kind}`]
      : [],
  );
  expect(story).toEqual(["ada connected", "ada disconnected", "grace connected"]);
});

test("G2 a CONNECT with the old token that waits behind another one is never sent", async () => {
  const server = await startServer({ half: {} });
  const [ada, grace] = [await server.tokens.issue("ada"), await server.tokens.issue("grace")];
  const storage = syncStorage(ada);
  const { arrived, release } = holdNextPost(server);
  const connection = connectTo(server, { transport: "polling", storage });
  // The first of them is on its way, and that of the server half's namespace waits for it.
  await arrived;
  storage.set(grace);
  release();
  await connection.whenConnected();
  await untilReady(connection);
  const presented = (token: string): string[] =>
    server.log
      .all("handshake")
      .filter((entry) => entry.token === token)
      .map(({ namespace }) => namespace)
      .sort();
  expect(presented(ada)).toHaveLength(1);
  expect(presented(grace)).toEqual(["/", "/rotor"]);
});

test("G2 nor is it after a sign-out", async () => {
  const server = await startServer({ half: {} });
  const storage = syncStorage(await server.tokens.issue("ada"));
  const { arrived, release } = holdNextPost(server);
  const connection = connectTo(server, { transport: "polling", storage });
  await arrived;
  storage.set(null);
  await untilIn(connection, "loggedOut.signedOut");
  release();
  await expect.poll(() => server.io.engine.clientsCount).toBe(0);
  expect(server.log.all("handshake")).toHaveLength(1);
  expect(server.live()).toEqual([]);
});
