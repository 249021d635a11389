import type { Connection, ConnectionOptions } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { connectedRig, lost, rig } from "../../support/connections.js";
import { promisesSettled } from "../../support/manual-clock.js";

test.each([
  ["named its user", "ada"],
  ["named nobody", undefined],
])(
  "F2 for a token that tells nothing no link is opened beside one whose server has %s",
  async (_, identity) => {
    const { connection, io } = await connectedRig("opaque", { rotation: "overlap" });
    io.link.report({ type: "ready", reauthenticate: false, ...(identity && { identity }) });
    await connection.login();
    await promisesSettled();
    expect(connection.getSnapshot()).toMatchObject({ status: "rotating", detail: "replacing" });
  },
);

describe("what is queued between two links of the same token", () => {
  /** Whom the server of each link names, in order; answers with what becomes of what is queued before the last. */
  async function fateBetween(
    names: (string | undefined)[],
    options: Partial<ConnectionOptions> = {},
    whileDown = async (_: Connection): Promise<void> => {},
  ) {
    const { connection, io, clock } = rig("opaque", { reconnectionDelay: 1_000, ...options });
    const fate: unknown[] = [];
    connection.socket.on("dropped", (_, code) => fate.push(code));
    await promisesSettled();
    for (const [index, identity] of names.entries()) {
      if (index > 0) {
        io.link.report({ type: "disconnected", verdict: "retry", error: lost, reason: "transport close" });
        if (index === names.length - 1) {
          connection.socket.emit("draft");
          await whileDown(connection);
        }
        await clock.advance(5_000);
      }
      io.link.accept({ reauthenticate: false, ...(identity && { identity }) });
      await promisesSettled();
      expect(connection.status).toBe("connected");
    }
    return [...fate, ...(io.link.sockets.get("/")?.written ?? []).map(({ event }) => event)];
  }

  test.each<[names: (string | undefined)[], fate: string]>([
    [["ada", "ada"], "draft"],
    [["ada", "grace"], "ERR_IDENTITY_CHANGED"],
    // By now a server that cannot say whose the token is: it may be anybody's.
    [["ada", undefined], "ERR_IDENTITY_CHANGED"],
    [["ada", undefined, "grace"], "ERR_IDENTITY_CHANGED"],
    [["ada", undefined, undefined], "draft"],
    // Where no server has ever said more, the token is all there is.
    [[undefined, undefined], "draft"],
  ])("F2 where the servers name %j: %s", async (names, fate) => {
    expect(await fateBetween(names)).toEqual([fate]);
  });

  test("F2 is kept where identify tells the user, whatever the servers say", async () => {
    expect(await fateBetween(["ada", "grace"], { identify: () => "ada" })).toEqual(["draft"]);
  });

  test("F2 is dropped where identify could tell the user once, and cannot any more", async () => {
    let who: string | undefined = "ada";
    const fate = await fateBetween(["ada", "grace"], { identify: () => who }, async (connection) => {
      who = undefined;
      await connection.login("opaque");
      connection.socket.emit("of the new version");
    });
    expect(fate).toEqual(["ERR_IDENTITY_CHANGED", "of the new version"]);
  });
});
