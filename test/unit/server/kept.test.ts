import { describe, expect, test, vi } from "vitest";
import { deferred, refused, signIn, startServer, tokenOf, userOf } from "../../support/real-server.js";

describe("F63 what a client sends is kept within bounds:", () => {
  test.each([
    ["pid", { pid: "p".repeat(201), offset: "o" }],
    ["offset", { pid: "p", offset: "o".repeat(1_000_000 / 2) }],
  ])("a %s that is too long to be one is not looked for", async (_, long) => {
    const restore = vi.fn(async () => null);
    const server = await startServer({
      server: { connectionStateRecovery: {} },
      before: (io) => Reflect.set(io.of("/").adapter, "restoreSession", restore),
    });
    const join = (recovery: object) => {
      const socket = server.client().join("/", { token: tokenOf("alice"), ...recovery });
      return new Promise((resolve) => socket.once("connect", () => resolve(socket.recovered)));
    };
    expect(await join(long)).toBe(false);
    expect(restore).not.toHaveBeenCalled();
    expect(await join({ pid: "p".repeat(200), offset: "o" })).toBe(false);
    expect(restore).toHaveBeenCalledOnce();
  });

  test.each(["sync", "reauthenticate"])("of a flood of %s a hundred a second are answered", async (event) => {
    const server = await startServer();
    const { control, sockets } = await signIn(server.client(), tokenOf("alice"));
    let answers = 0;
    const message = event === "sync" ? [] : [{ auth: 1 }];
    for (let count = 0; count < 2_000; count += 1) control.emit(event, ...message, () => (answers += 1));
    // What is asked in another namespace comes after the answers.
    server.io.sockets.sockets.get(sockets[0]?.id ?? "")?.on("done", (done) => done());
    await sockets[0]?.emitWithAck("done");
    expect(answers).toBeGreaterThanOrEqual(100);
    expect(answers).toBeLessThanOrEqual(300);
    const next = () =>
      control
        .timeout(100)
        .emitWithAck("sync")
        .then(
          () => true,
          () => false,
        );
    await expect.poll(next).toBe(true);
  });

  test("a thousand CONNECTs may wait for their answers; then the connection is closed", async () => {
    const server = await startServer({
      before: (io) => io.of(/^\/room-\d+$/),
      verify: () => new Promise(() => {}),
    });
    const client = server.client();
    const closed = new Promise((resolve) => client.manager.once("close", resolve));
    const token = tokenOf("alice");
    for (let room = 0; room <= 1_000; room += 1) client.join(`/room-${room}`, { token });
    expect(await closed).toBe("transport close");
    expect(server.lines.filter((line) => line.includes("1,000 namespaces"))).toHaveLength(1);
    await expect.poll(() => server.links.size).toBe(0);
  });

  test.each([
    ["of a thousand characters is joined", 1_000, "connected"],
    ["that is longer closes the connection", 1_001, "closed"],
  ])("a namespace %s", async (_, length, outcome) => {
    const server = await startServer({ before: (io) => io.of(/^\/x+$/) });
    const client = server.client();
    const socket = client.join(`/${"x".repeat(length - 1)}`, { token: tokenOf("alice") });
    const heard = await new Promise((resolve) => {
      socket.once("connect", () => resolve("connected"));
      client.manager.once("close", () => resolve("closed"));
    });
    expect(heard).toBe(outcome);
  });

  test("sixty-four tokens wait to be verified, where the application has no other limit", async () => {
    const hung = deferred<void>();
    const server = await startServer({
      maxReauthenticationsPerMinute: Number.POSITIVE_INFINITY,
      async verify(token) {
        if (server.verified.length > 1) await hung.promise;
        return { subject: userOf(token) };
      },
    });
    const { control } = await signIn(server.client(), tokenOf("alice"));
    const answers: unknown[] = [];
    const all = Array.from({ length: 98 }, async () => {
      answers.push(await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("alice") } }));
    });
    await expect.poll(() => answers.length).toBe(34);
    for (const answer of answers) {
      expect(answer).toMatchObject({ ok: false, error: "temporarily_unavailable", retryAfter: 1_000 });
    }
    hung.resolve();
    await Promise.all(all);
    expect(answers.slice(34)).toEqual(Array.from({ length: 64 }, () => ({ ok: true })));
    // And there is room again.
    expect(await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("alice") } })).toEqual({
      ok: true,
    });
  });

  test("a token that is too long is neither verified nor kept", async () => {
    const server = await startServer();
    const socket = server.client().join("/", { token: "t".repeat(500_000) });
    expect(await refused(socket)).toMatchObject({ error: "invalid_token" });
    expect(server.verified).toEqual([]);
  });
});
