import { expect, test } from "vitest";
import { connectTo, untilReady } from "../../system/fixture/client.js";
import { slowNetwork } from "../../system/fixture/proxy.js";
import { startServer } from "../../system/fixture/server.js";
import { syncStorage } from "../../system/fixture/storages.js";

/** Slow enough for what comes with another request to come a second later. */
const ROUND_TRIP = 600;

test.each(["polling", "websocket"] as const)(
  "the server half is found behind a network that is slow, over %s",
  async (transport) => {
    const server = await startServer({ half: {} });
    // So that the answer to the CONNECT has a request of its own, and `ready` the next one.
    server.rules = { verify: () => new Promise((resolve) => setTimeout(resolve, 1_500)) };
    const { url } = await slowNetwork(server.url, ROUND_TRIP);
    const storage = syncStorage(await server.tokens.issue("ada"), server.log);
    const connection = connectTo(server, { url, transport, storage });
    await untilReady(connection);
    storage.set(await server.tokens.issue("ada"));
    // On the same link: nobody was taken for a server without a half.
    const answers = () => server.log.all("answered").map(({ ok }) => ok);
    const links = () => server.log.all("connected").length;
    await server.log.until(() => answers().length > 0 || links() > 1);
    expect([answers(), links()]).toEqual([[true], 1]);
  },
);

test.each(["polling", "websocket"] as const)(
  "a server that accepts every namespace and has no half is left, over %s",
  async (transport) => {
    const server = await startServer({ namespaces: /.*/ });
    const controlJoined = new Promise((resolve) => {
      server.io.on("new_namespace", (namespace) => {
        if (namespace.name === "/rotor") namespace.once("connection", resolve);
      });
    });
    const storage = syncStorage(await server.tokens.issue("ada"), server.log);
    const connection = connectTo(server, { transport, storage });
    const joined = (): string[] =>
      [...server.io._nsps].filter(([, { sockets }]) => sockets.size > 0).map(([name]) => name);
    await controlJoined;
    await connection.whenConnected();
    await expect.poll(joined).toEqual(["/"]);
    expect(connection.status).toBe("connected");
  },
);
