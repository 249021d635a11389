import { type ConnectionOptions, memoryStorage } from "socket-rotor";
import { expect, test } from "vitest";
import { connectTo, until } from "./fixture/client";
import { startServer } from "./fixture/server";

/** A real server, and a connection of ada's to it. */
async function started(options: Partial<Omit<ConnectionOptions, "url">> = {}) {
  const server = await startServer();
  const [ada, grace] = [await server.tokens.issue("ada"), await server.tokens.issue("grace")];
  const connection = connectTo(server, { storage: memoryStorage(ada), autoConnect: false, ...options });
  const read = () => server.log.all("read").map(({ user, args }) => [user, args[0]]);
  return { server, connection, grace, read };
}

test("F36 disconnect() in a listener of `connect`: the server hears nothing on the link that was left", async () => {
  const { connection, read } = await started();
  const left = new Promise<{ isConnected: boolean; answer: Promise<unknown> }>((resolve) => {
    connection.socket.once("connect", () => {
      connection.disconnect();
      const isConnected = connection.socket.connected;
      resolve({ isConnected, answer: connection.socket.emitWithAck("save", "after") });
    });
  });
  connection.connect();
  const { isConnected, answer } = await left;
  expect([isConnected, connection.status, read()]).toEqual([false, "idle", []]);
  connection.connect();
  await answer;
  expect(read()).toEqual([["ada", "after"]]);
});

test("F36 login() as another user in a listener of `connect`: what is emitted next is that user's", async () => {
  const { connection, grace, read } = await started();
  const answer = new Promise((resolve) => {
    connection.socket.once("connect", () => {
      connection.login(grace).catch(() => {});
      resolve(connection.socket.emitWithAck("save", "after"));
    });
  });
  connection.connect();
  await answer;
  expect(read()).toEqual([["grace", "after"]]);
});

test("F36 disconnect() in the callback of an acknowledgement acts before it returns", async () => {
  const { connection, read } = await started();
  connection.connect();
  await connection.whenConnected();
  const seen = await new Promise((resolve) => {
    connection.socket.emit("save", "first", () => {
      connection.disconnect();
      connection.socket.emit("save", "after");
      resolve([connection.socket.connected, connection.socket.active]);
    });
  });
  expect([seen, read()]).toEqual([[false, false], [["ada", "first"]]]);
});

test.each(["auth", "extraHeaders"] as const)("F36 disconnect() in `%s`: no link is left", async (name) => {
  let isAsked = false;
  const answer = (): Record<string, string> => {
    isAsked = true;
    connection.disconnect();
    return {};
  };
  const { server, connection } = await started({ [name]: answer });
  connection.connect();
  await until(connection, ({ status }) => status === "idle" && isAsked);
  expect([connection.socket.active, server.log.all("read")]).toEqual([false, []]);
});

test("F36 disconnect() in `classify` ends the attempts", async () => {
  let isAsked = false;
  const { server, connection } = await started({
    classify() {
      isAsked = true;
      connection.disconnect();
      return "retry";
    },
  });
  server.rules.handshake = () => {
    throw new Error("some words");
  };
  connection.connect();
  await until(connection, ({ status }) => status === "idle" && isAsked);
  expect(server.log.all("refused")).toHaveLength(1);
});
