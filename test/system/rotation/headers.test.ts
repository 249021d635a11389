import type { IncomingMessage } from "node:http";
import { createConnection, memoryStorage } from "socket-rotor";
import { expect, onTestFinished, test } from "vitest";
import { waitFor } from "xstate";
import { startServer } from "../../support/real-server.js";
import { jwt } from "../../support/tokens.js";

test("over polling the requests of a link that has taken a newer token carry its headers, and none of the old ones", async () => {
  const seen: [authorization: unknown, only: unknown][] = [];
  const { io, url } = await startServer({
    verify: async () => ({ subject: "ada" }),
    before: (server) =>
      server.engine.use(({ headers }: IncomingMessage, _: unknown, next: () => void) => {
        seen.push([headers.authorization, headers["x-only-old"]]);
        next();
      }),
  });
  io.on("connection", (socket) => socket.on("ask", (done: () => void) => done()));
  const [older, newer] = [jwt({ sub: "ada", jti: 1 }), jwt({ sub: "ada", jti: 2 })];
  const storage = memoryStorage(older);
  const connection = createConnection({
    url,
    storage,
    logger: {},
    extraHeaders: (token) => ({ authorization: token, ...(token === older && { "x-only-old": "yes" }) }),
    socketOptions: { transports: ["polling"] },
  });
  onTestFinished(() => connection.dispose());
  const { actor, socket } = connection;
  await waitFor(actor, ({ context }) => context.hasReauthentication);
  const { id } = socket;
  storage.write(newer);
  await waitFor(actor, ({ context, value }) => context.linkVersion === 2 && "connected" in Object(value));
  // A request that was waiting for something to fetch was made before.
  await socket.emitWithAck("ask");
  seen.length = 0;
  for (let round = 0; round < 3; round++) await socket.emitWithAck("ask");
  expect(socket.id).toBe(id);
  expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify([newer, undefined])]),
  );
});
