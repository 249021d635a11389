import { createServer } from "node:http";
import { type Namespace, Server } from "socket.io";
import {
  allowOrigins,
  authenticateToken,
  checkSetup,
  drain,
  limitHandshakes,
  requireReauthentication,
  revoke,
  type SocketIoServer,
  shareSession,
} from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { rejection, thrown } from "../../support/rejection.js";
import { untyped } from "../../support/untyped.js";

const verify = async () => ({ subject: "alice" });

/** Every function that takes the server, with nothing else wrong. */
const FUNCTIONS: Readonly<Record<string, (io: SocketIoServer) => unknown>> = {
  authenticateToken: (io) => authenticateToken(io, { verify }),
  shareSession: (io) => shareSession(io, () => {}),
  allowOrigins: (io) => allowOrigins(io, ["https://app.example.com"]),
  limitHandshakes: (io) => limitHandshakes(io, { consume: async () => {} }),
  checkSetup: (io) => checkSetup(io),
  drain: (io) => drain(io, { within: 0 }),
  revoke: (io) => revoke(io, { subject: "alice" }),
  requireReauthentication: (io) => requireReauthentication(io, { subject: "alice" }, { within: 60_000 }),
};

const OTHERS: readonly [what: string, value: unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["an object", {}],
  ["a number", 3000],
  ["a function", () => {}],
  ["an HTTP server", createServer()],
  ["a namespace", new Server().of("/chat")],
  ["a Server, and not one that was made", Server],
];

describe("what is no Socket.IO server", () => {
  for (const [name, call] of Object.entries(FUNCTIONS)) {
    test.each(OTHERS)(`is an error of ${name} that says what to give: %s`, async (_, value) => {
      const calling = async (): Promise<unknown> => call(untyped<SocketIoServer>(value));
      const { message } = await rejection(calling(), "ERR_INVALID_OPTION");
      expect(message).toContain(`${name} takes a Socket.IO server as its first argument`);
      expect(message).toContain("new Server(httpServer)");
    });
  }

  test("is thrown, and rejects where there is a promise", async () => {
    const none = untyped<SocketIoServer>(undefined);
    thrown(() => checkSetup(none), "ERR_INVALID_OPTION");
    await rejection(drain(none, { within: 0 }), "ERR_INVALID_OPTION");
  });

  test("is told by its kind, and not shown", () => {
    const http = untyped<SocketIoServer>(createServer());
    expect(thrown(() => checkSetup(http), "ERR_INVALID_OPTION").message).toContain("got an HTTP server");
    const secret = untyped<SocketIoServer>("a secret");
    const { message } = thrown(() => checkSetup(secret), "ERR_INVALID_OPTION");
    expect(message).toContain("got a string");
    expect(message).not.toContain("a secret");
  });
});

test("a server of another copy of Socket.IO is one: it is known by its members, not by its class", () => {
  const io = new Server(createServer());
  class Copy {
    readonly _nsps = io._nsps;
    of = (name: string): Namespace => io.of(name);
    on = (): this => this;
  }
  const copy = untyped<SocketIoServer>(new Copy());
  expect(checkSetup(copy)).toEqual([]);
  authenticateToken(copy, { verify, logger: {} });
});
