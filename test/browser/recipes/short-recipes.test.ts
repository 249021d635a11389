import { createServer } from "node:http";
import { Server } from "socket.io";
import { type Connection, isConnectionError } from "socket-rotor";
import { expect, onTestFinished, test, vi } from "vitest";
import { onGap } from "../../../docs/recipes/short/after-a-gap.js";
import { connectAsGuestFirst } from "../../../docs/recipes/short/guest-first.js";
import { connectBoth } from "../../../docs/recipes/short/namespace-of-its-own.js";
import { connectWithTickets } from "../../../docs/recipes/short/tickets.js";
import { exportOf } from "../../docs/exports.js";
import { listen } from "../../support/listen.js";
import { jwt } from "../../support/tokens.js";

/** A stock server that asks `userOf` whose a handshake is, and a storage as a page has it. */
async function start(userOf: (auth: Record<string, unknown>, namespace: string) => string | undefined) {
  const entries = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  });
  const http = createServer();
  const io = new Server(http, { serveClient: false });
  for (const namespace of ["/", "/admin"]) {
    io.of(namespace).use((socket, next) => {
      const user = userOf(socket.handshake.auth, namespace);
      socket.data = { user };
      next(
        user === undefined ? Object.assign(new Error("no"), { data: { error: "invalid_token" } }) : undefined,
      );
    });
    io.of(namespace).on("connection", (socket) =>
      socket.on("whoami", (answer: (user: string) => void) => answer(socket.data.user)),
    );
  }
  const url = await listen(http);
  const connections: Connection[] = [];
  onTestFinished(async () => {
    for (const connection of connections) connection.dispose();
    vi.unstubAllGlobals();
    http.closeAllConnections();
    await io.close();
  });
  const made = (connection: Connection): Connection => {
    connections.push(connection);
    return connection;
  };
  return { io, url, entries, made };
}
const whoami = (connection: Connection): Promise<unknown> => connection.socket.emitWithAck("whoami");
const userOfToken = (token: unknown): string | undefined =>
  typeof token === "string" ? JSON.parse(atob(token.split(".")[1] ?? "")).sub : undefined;

test("a guest is connected first, a user after the sign-in, and the guest again after the sign-out", async () => {
  const { url, made } = await start(({ token }) => userOfToken(token));
  const connection = made(connectAsGuestFirst(url, async () => jwt({ sub: "guest 1" })));
  expect(await whoami(connection)).toBe("guest 1");
  await connection.login(jwt({ sub: "ada" }));
  expect(await whoami(connection)).toBe("ada");
  await connection.logout();
  await expect
    .poll(() => whoami(connection).catch((error) => isConnectionError(error) && error.code))
    .toBe("guest 1");
});

test("each handshake has a ticket of its own, and what is queued meanwhile is sent", async () => {
  const good = new Set<string>();
  const used: string[] = [];
  const { io, url, made } = await start(({ ticket }) => {
    used.push(String(ticket));
    return good.delete(String(ticket)) ? "ada" : undefined;
  });
  let count = 0;
  const ask = async (): Promise<string> => {
    count += 1;
    // The third comes too late.
    if (count !== 3) good.add(`ticket ${count}`);
    return `ticket ${count}`;
  };
  const connection = made(connectWithTickets(url, ask, () => "ada"));
  expect(await whoami(connection)).toBe("ada");
  io.disconnectSockets(true);
  await expect.poll(() => connection.status).toBe("connecting");
  expect(await whoami(connection)).toBe("ada");
  io.disconnectSockets(true);
  await expect.poll(() => connection.status).toBe("connecting");
  expect(await whoami(connection)).toBe("ada");
  expect(used).toEqual(["ticket 1", "ticket 2", "ticket 3", "ticket 4"]);
});

test("after a gap everything is fetched again", async () => {
  const { io, url, entries, made } = await start(() => "ada");
  entries.set("accessToken", jwt({ sub: "ada" }));
  const { connection, admin } = connectBoth(url);
  made(admin);
  let times = 0;
  const end = onGap(made(connection), () => {
    times += 1;
  });
  await connection.whenConnected();
  expect(times).toBe(1);
  io.disconnectSockets(true);
  await expect.poll(() => times).toBe(2);
  end();
  io.disconnectSockets(true);
  await expect.poll(() => connection.status).toBe("connecting");
  await connection.whenConnected();
  expect(times).toBe(2);
});

test("a namespace has a credential of its own by a second connection", async () => {
  const { url, entries, made } = await start(
    ({ token }, namespace) => `${userOfToken(token)} in ${namespace}`,
  );
  entries.set("accessToken", jwt({ sub: "ada" }));
  const { connection, admin } = connectBoth(url);
  made(connection);
  made(admin);
  expect(await whoami(connection)).toBe("ada in /");
  expect(admin.status).toBe("loggedOut");
  await admin.login(jwt({ sub: "root" }));
  expect(await whoami(admin)).toBe("root in /admin");
  await admin.logout();
  expect(await whoami(connection)).toBe("ada in /");
});

test("the tutorial's middleware, after: a bad token signs out, a database that is down does not", async () => {
  const { io, url, entries, made } = await start(() => "ada");
  type Verify = (token: string | undefined) => Promise<{ sub: string }>;
  const authenticateBoth = exportOf<
    (verify: Verify, isInvalid: (error: unknown) => boolean) => (io: Server) => void
  >("docs/recipes/before-and-after.md", "authenticateBoth");
  let answer: "good" | "bad" | "down" = "down";
  const verify: Verify = async (token) => {
    if (answer === "down") throw new Error("The database is down.");
    if (answer === "bad") throw new TypeError("The token is bad.");
    return { sub: String(userOfToken(token)) };
  };
  authenticateBoth(verify, (error) => error instanceof TypeError)(io);
  entries.set("accessToken", jwt({ sub: "ada" }));
  const { connection, admin } = connectBoth(url);
  made(admin);
  made(connection);
  await expect.poll(() => connection.getSnapshot().error?.reason).toBe("temporarily_unavailable");
  expect(connection.status).toBe("connecting");
  answer = "good";
  expect(await whoami(connection)).toBe("ada");
  answer = "bad";
  io.disconnectSockets(true);
  await expect.poll(() => connection.status).toBe("loggedOut");
});
