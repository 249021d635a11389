import { createConnection, memoryStorage } from "socket-rotor";
import { expect, onTestFinished, test } from "vitest";
import { waitFor } from "xstate";
import { startServer } from "../../support/real-server.js";
import { jwt } from "../../support/tokens.js";

test("a namespace that is first asked for while a newer token is applied on the link is joined with that token", async () => {
  let decide = (): void => {};
  const decided = new Promise<void>((resolve) => {
    decide = resolve;
  });
  const newer = jwt({ sub: "ada", jti: 2 });
  const { io, url } = await startServer({
    verify: async (token) => {
      if (token === newer) await decided;
      return { subject: "ada" };
    },
  });
  io.of("/chat");
  const joined = new Promise<unknown>((resolve) => {
    io.of("/chat").on("connection", ({ conn }) => resolve(conn));
  });
  const first = new Promise<unknown>((resolve) => {
    io.on("connection", ({ conn }) => resolve(conn));
  });
  const storage = memoryStorage(jwt({ sub: "ada", jti: 1 }));
  const connection = createConnection({ url, storage, logger: {} });
  onTestFinished(() => connection.dispose());
  await waitFor(connection.actor, ({ context }) => context.hasReauthentication);
  storage.write(newer);
  await waitFor(connection.actor, ({ value }) => JSON.stringify(value).includes("asking"));
  const chat = connection.of("/chat");
  const connected = new Promise<void>((resolve) => chat.on("connect", resolve));
  decide();
  await connected;
  expect(await joined).toBe(await first);
});
