import { createServer } from "node:http";
import { Server } from "socket.io";
import { Manager } from "socket.io-client";
import { shareSession } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { listen } from "../../support/listen.js";
import { refused, signIn, startServer, tokenOf, userOf } from "../../support/real-server.js";

const later = { error: "temporarily_unavailable", error_description: expect.any(String) };

/** An answer of `verify` that cannot be read, as one of a database whose connection is gone. */
function unreadable(subject: string) {
  return {
    subject,
    get data(): object {
      throw new RangeError(`no data of ${subject}`);
    },
  };
}

/** The same, from another place. */
function alsoUnreadable(subject: string) {
  return {
    subject,
    get data(): object {
      throw new RangeError(`no data of ${subject}`);
    },
  };
}

describe("F61 an error at admission that is no TokenError", () => {
  test("is logged once for each throw site, without its message, and the client tries again", async () => {
    const warnings: string[] = [];
    const logger = { warn: (line: string) => void warnings.push(line) };
    const answers = [unreadable, unreadable, alsoUnreadable];
    const { client } = await startServer({
      logger,
      verify: async (token) => answers.shift()?.(userOf(token)) ?? { subject: userOf(token) },
    });
    for (const user of ["alice", "bob", "alice"]) {
      expect(await refused(client().join("/", { token: tokenOf(user) }))).toEqual(later);
    }
    const line = /a RangeError at \S*admission-errors\.test\.ts:\d+/;
    expect(warnings).toEqual([expect.stringMatching(line), expect.stringMatching(line)]);
    expect(warnings.join()).not.toMatch(/alice|bob/);
  });

  test("so is one of a re-authentication, and the connection goes on", async () => {
    const warnings: string[] = [];
    const logger = { warn: (line: string) => void warnings.push(line) };
    let isReadable = true;
    const { client } = await startServer({
      logger,
      verify: async (token) => (isReadable ? { subject: userOf(token) } : unreadable(userOf(token))),
    });
    const { control, sockets } = await signIn(client(), tokenOf("alice"));
    isReadable = false;
    for (let time = 0; time < 2; time += 1) {
      const answer = await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("alice") } });
      expect(answer).toEqual({ ok: false, ...later });
    }
    expect(sockets[0]?.connected).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(/a RangeError at \S*admission-errors\.test\.ts:\d+/)]);
  });

  test("so is one of a session source's answer", async () => {
    const warnings: string[] = [];
    const http = createServer();
    const io = new Server(http, { serveClient: false });
    shareSession(
      io,
      {
        find: () => ({
          id: "one",
          user: "alice",
          get data(): object {
            throw new RangeError("no data of alice");
          },
        }),
      },
      {
        identityKey: "a key of the tests alone",
        logger: { warn: (line) => void (line.includes("RangeError") && warnings.push(line)) },
      },
    );
    const manager = new Manager(await listen(http), { reconnection: false, transports: ["websocket"] });
    onTestFinished(async () => {
      manager._close();
      await io.close();
    });
    expect(await refused(manager.socket("/"))).toEqual(later);
    expect(await refused(manager.socket("/rotor"))).toEqual(later);
    expect(warnings).toEqual([expect.stringMatching(/a RangeError at \S*admission-errors\.test\.ts:\d+/)]);
  });
});
