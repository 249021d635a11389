import { describe, expect, test } from "vitest";
import { connected, signIn, startServer, tokenOf } from "../../support/real-server.js";
import { collectUncaught } from "../../support/uncaught.js";

describe("a client that sends garbage", () => {
  const GARBAGE: unknown[] = [
    undefined,
    null,
    0,
    "text",
    true,
    [],
    {},
    { auth: null },
    { auth: "token" },
    { auth: [] },
    { auth: { token: {} } },
    { auth: { token: 7 } },
    { auth: { token: "" } },
    { auth: Buffer.from("bytes") },
    { auth: { token: Buffer.from("bytes") } },
    JSON.parse('{"__proto__":{"token":"x"},"auth":{"__proto__":{"token":"x"}}}'),
  ];

  test("is answered with a refusal, and the server goes on", async () => {
    const server = await startServer({ maxReauthenticationsPerMinute: Number.POSITIVE_INFINITY });
    const token = tokenOf("alice");
    const uncaught = await collectUncaught(async () => {
      const { control } = await signIn(server.client(), token);
      for (const garbage of GARBAGE) {
        const answer = await control.emitWithAck("reauthenticate", garbage);
        expect(answer).toEqual({
          ok: false,
          error: expect.stringMatching(/^invalid_(request|token)$/),
          error_description: expect.any(String),
        });
      }
      expect(await control.emitWithAck("reauthenticate", { auth: { token } }, "more", {})).toEqual({
        ok: true,
      });
    });
    expect(uncaught).toEqual([]);
    expect(server.verified).toEqual([token, token]);
  });

  test("without acknowledgements is not answered, and the server goes on", async () => {
    const server = await startServer();
    const token = tokenOf("alice");
    const uncaught = await collectUncaught(async () => {
      const { control } = await signIn(server.client(), token);
      for (const event of ["sync", "reauthenticate", "ready", "goodbye", "nonsense", "error"]) {
        control.emit(event);
        for (const garbage of GARBAGE) control.emit(event, garbage);
      }
      control.emit("reauthenticate", { auth: { token: tokenOf("alice") } });
      await control.emitWithAck("sync");
    });
    expect(uncaught).toEqual([]);
    expect(server.verified).toEqual([token]);
  });

  test("in the handshake is refused", async () => {
    const server = await startServer();
    const uncaught = await collectUncaught(async () => {
      for (const token of GARBAGE) {
        const socket = server.client().join("/", { token });
        const refusal = await connected(socket).then(
          () => "let in",
          (error) => error.data.error,
        );
        expect(refusal).toBe(token === "text" ? "let in" : "invalid_token");
      }
    });
    expect(uncaught).toEqual([]);
  });
});
