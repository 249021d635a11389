import { type Connection, memoryStorage } from "socket-rotor";
import { requireReauthentication } from "socket-rotor/server";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connectTo, until, untilIn, untilReady } from "../fixture/client";
import type { TestServer } from "../fixture/server";
import { signedIn } from "./fixture/signed-in";

/** In milliseconds. */
const SHORT = 5_000;
const MINUTE = 60_000;

/** From now on tokens say when they were issued: those that are known were before, and any other later than now. */
function tellAges(server: TestServer, ...old: string[]): void {
  server.rules.issuedAt = (token) => Date.now() + (old.includes(token) ? -MINUTE : 1_000);
}

const requireFromAda = ({ io }: TestServer, within: number): Promise<boolean> =>
  requireReauthentication(io, { subject: "ada" }, { within });

/** Resolves once the client has heard what was said until now. */
async function heard(server: TestServer, connection: Connection): Promise<void> {
  const read = new Promise<void>((resolve) => connection.socket.once("read so far", () => resolve()));
  server.io.emit("read so far");
  await read;
}

describe("F68 when the server requires a newer token", () => {
  test("a client refreshes, and goes on with it on the same link after the time is over", async () => {
    const { server, connection, states, first, issue, asked } = await signedIn({ refresh: () => issue() });
    const begun = Date.now();
    tellAges(server, first);
    await requireFromAda(server, SHORT);
    const [answer] = await server.log.count("answered", 1);
    expect([answer?.ok, asked()]).toEqual([true, [answer?.token]]);
    await expect.poll(() => Date.now() - begun, { timeout: 2 * SHORT }).toBeGreaterThan(SHORT + 500);
    expect(await connection.socket.emitWithAck("hello")).toBe("done");
    expect(server.log.all("connected")).toHaveLength(1);
    expect(server.carried()).toEqual([answer?.token]);
    expect(new Set(states.map((state) => state.split(".")[0]))).toEqual(new Set(["connected", "rotating"]));
  });

  test("one without refresh brings the token that comes into its storage", async () => {
    const { server, storage, connection, issue, first } = await signedIn();
    tellAges(server, first);
    await requireFromAda(server, SHORT);
    await heard(server, connection);
    expect(server.log.all("asked")).toEqual([]);
    const fresh = await issue();
    storage.write(fresh);
    const [answer] = await server.log.count("answered", 1);
    expect([answer?.token, answer?.ok]).toEqual([fresh, true]);
    await connection.whenConnected();
    expect(server.log.all("connected")).toHaveLength(1);
  });

  test("one whose refresh answers with a token from before refreshes again, on the same link", async () => {
    // So that the client comes early.
    vi.spyOn(Math, "random").mockReturnValue(0.1);
    onTestFinished(() => void vi.restoreAllMocks());
    const { server, connection, first, issue } = await signedIn({
      refresh: async () => tokens.shift() ?? "none",
    });
    const tokens = [await issue(), await issue()];
    const [cached, fresh] = [...tokens];
    tellAges(server, first, String(cached));
    await requireFromAda(server, 2 * SHORT);
    const answers = await server.log.count("answered", 2);
    expect(answers.map(({ ok, token }) => [ok, token])).toEqual([
      [true, cached],
      [true, fresh],
    ]);
    await connection.whenConnected();
    expect(server.log.all("connected")).toHaveLength(1);
  });

  test("one that has none in time is closed, and logged out where it cannot refresh", async () => {
    const { server, connection } = await signedIn();
    await requireFromAda(server, 2_000);
    expect((await untilIn(connection, "loggedOut.rejected")).error).toMatchObject({
      reason: "invalid_token",
    });
    expect(server.log.all("connected")).toHaveLength(1);
  });

  test("one whose refresh comes too late is closed, and comes back by a new link", async () => {
    let answer = (_: string): void => {};
    const { server, connection, first, issue } = await signedIn({
      refresh: () => new Promise<string>((resolve) => (answer = resolve)),
    });
    tellAges(server, first);
    await requireFromAda(server, 2_000);
    await server.untilLive(0);
    const fresh = await issue();
    answer(fresh);
    await server.log.count("connected", 2);
    await connection.whenConnected();
    expect(server.carried()).toEqual([fresh]);
  });

  test("clients come at times of their own, spread over the time that they have", async () => {
    const { server, issue } = await signedIn();
    const clients = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const storage = memoryStorage(await issue());
        const connection = connectTo(server, { storage });
        await connection.whenConnected();
        return connection;
      }),
    );
    await Promise.all(clients.map(untilReady));
    const begun = Date.now();
    await requireFromAda(server, MINUTE);
    const ends = await Promise.all(
      clients.map(async (connection) => {
        const { expiresAt = 0 } = await until(
          connection,
          (now) => Number(now.expiresAt) < begun + 2 * MINUTE,
        );
        return expiresAt - begun;
      }),
    );
    expect(Math.min(...ends)).toBeLessThan(MINUTE / 3);
    expect(Math.max(...ends)).toBeGreaterThan((MINUTE * 2) / 3);
    expect(Math.max(...ends)).toBeLessThan(MINUTE + SHORT);
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a time that is a text", { within: "60000" }],
    ["a time below zero", { within: -1 }],
    ["a time that is none", { within: null }],
    ["a list", [60_000]],
    ["a prototype", { ["__proto__"]: { within: 1 } }],
  ])("%s in the place of a time changes nothing", async (_, message) => {
    const refresh = vi.fn(async () => null);
    const { server, connection } = await signedIn({ refresh });
    const { expiresAt } = connection.getSnapshot();
    server.io.of("/rotor").emit("reauthenticate_required", message);
    await heard(server, connection);
    expect(connection.getSnapshot()).toMatchObject({ status: "connected", detail: "steady", expiresAt });
    expect(refresh).not.toHaveBeenCalled();
  });
});
