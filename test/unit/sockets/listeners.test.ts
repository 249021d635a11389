import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { rig } from "../../support/connections.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { thrown } from "../../support/rejection.js";
import { connectedHarness, socketsHarness } from "./harness.js";

describe("listeners", () => {
  test("F22: survive five rotations without being lost or doubled, and a fired once stays fired", () => {
    const { socket, channel, relink } = socketsHarness();
    const counts = { on: 0, once: 0, off: 0, any: 0 };
    const gone = (): number => ++counts.off;
    socket.on("news", () => ++counts.on);
    socket.once("news", () => ++counts.once);
    socket.on("news", gone);
    socket.off("news", gone);
    socket.onAny(() => ++counts.any);
    for (const id of ["1", "2", "3", "4", "5"]) {
      relink(id).receive("news");
      channel.detach("token rotation");
    }
    expect(counts).toEqual({ on: 5, once: 1, off: 0, any: 5 });
  });

  test("off takes one, all of an event, or all there are; of a once too", () => {
    const { socket, link } = connectedHarness();
    const heard: string[] = [];
    const [one, two] = [() => heard.push("one"), () => heard.push("two")];
    socket.on("a", one).on("a", two).on("b", two).once("c", one);
    socket.off("a", one);
    socket.off("c", one);
    for (const event of ["a", "c"]) link.receive(event);
    expect(heard).toEqual(["two"]);
    socket.off("a");
    for (const event of ["a", "b"]) link.receive(event);
    expect(heard).toEqual(["two", "two"]);
    socket.off();
    link.receive("b");
    expect(heard).toHaveLength(2);
  });

  test("onAny comes first and knows the name; offAny takes one or all", () => {
    const { socket, link } = connectedHarness();
    const heard: unknown[] = [];
    const any = (...args: unknown[]): number => heard.push(args);
    socket.on("news", (value) => heard.push(value));
    socket.onAny(any).onAny(any);
    link.receive("news", 1);
    expect(heard).toEqual([["news", 1], ["news", 1], 1]);
    socket.offAny(any).offAny(() => {});
    link.receive("news", 2);
    expect(heard.slice(3)).toEqual([["news", 2], 2]);
    socket.offAny();
    link.receive("news", 3);
    expect(heard.slice(5)).toEqual([3]);
  });

  test("onAny does not hear of connect, disconnect and dropped", () => {
    const at = connectedHarness({ bufferLimit: 0 });
    const any = vi.fn();
    at.socket.onAny(any);
    at.channel.detach("transport close");
    at.socket.emit("a");
    at.relink("id-2");
    expect([any.mock.calls, at.dropped]).toEqual([[], [["a", "ERR_BUFFER_FULL"]]]);
  });

  test("one that takes itself off while it runs takes nothing from the others", () => {
    const { socket, link } = connectedHarness();
    const heard: string[] = [];
    const first = (): void => {
      heard.push("first");
      socket.off("a", first);
    };
    socket.on("a", first).on("a", () => heard.push("second"));
    for (let times = 0; times < 2; times += 1) link.receive("a");
    expect(heard).toEqual(["first", "second", "second"]);
  });

  test("an acknowledgement asked for by the server is the last argument", () => {
    const { socket, link } = connectedHarness();
    const answered = vi.fn();
    socket.on("ask", (_question: string, reply: (answer: string) => void) => reply("yes"));
    link.receive("ask", "ready?", answered);
    expect(answered.mock.calls).toEqual([["yes"]]);
  });
});

describe("the words of Socket.IO's Socket", () => {
  test("connected, disconnected, active, id and recovered follow the link", () => {
    const { socket, channel, link, refuse, activate } = socketsHarness();
    const words = () => [socket.connected, socket.disconnected, socket.active, socket.id, socket.recovered];
    expect(words()).toEqual([false, true, false, undefined, false]);
    activate();
    channel.attach(link);
    expect(words()).toEqual([false, true, true, undefined, false]);
    link.connect("abc");
    expect(words()).toEqual([true, false, true, "abc", false]);
    refuse("ERR_LOGGED_OUT");
    expect(socket.active).toBe(false);
  });

  test("connect and disconnect ask the chart", () => {
    const { socket, asked } = socketsHarness();
    expect([socket.connect(), socket.disconnect()]).toEqual([socket, socket]);
    expect([asked.connect.mock.calls.length, asked.disconnect.mock.calls.length]).toEqual([1, 1]);
  });

  test("assigning auth throws, and names login()", () => {
    const { socket } = socketsHarness();
    const assign = (): void => {
      socket.auth = { token: "very-secret-token" };
    };
    const { message } = thrown(assign, "ERR_AUTH_ASSIGNED");
    expect(message).toContain("connection.login(token)");
    expect(message).not.toContain("very-secret");
  });

  test.each([
    ["auth", "connection.login(token)", "ERR_AUTH_ASSIGNED"],
    ["io", "getSnapshot().transport", "ERR_INVALID_OPTION"],
    ["sendBuffer", "volatile", "ERR_INVALID_OPTION"],
    ["receiveBuffer", "timeout()", "ERR_INVALID_OPTION"],
  ] as const)("%s is undefined, says once what to use, and cannot be assigned", (member, instead, code) => {
    const logger = recordingLogger();
    const { connection } = rig("first", { logger });
    for (const namespace of ["/", "/chat", "/"]) {
      const socket = connection.of(namespace);
      expect(socket[member]).toBeUndefined();
      const { message } = thrown(() => Reflect.set(socket, member, { token: "very-secret-token" }), code);
      expect(message).toContain(`socket.${member}`);
      expect(message).toContain(instead);
      expect(message).not.toContain("very-secret");
      expect(Object.keys(socket)).not.toContain(member);
      expect(inspect(socket, { depth: 5 }) + JSON.stringify(socket)).not.toContain(member);
    }
    const lines = logger.lines.filter((line) => line.includes(`socket.${member}`));
    expect(lines).toEqual([expect.stringContaining(instead)]);
    expect(lines[0]).toMatch(/^warn /);
  });

  test("looking at a socket says nothing of members that are not there", () => {
    const logger = recordingLogger();
    const { socket } = rig("first", { logger }).connection;
    inspect(socket, { showHidden: true, depth: 5 });
    JSON.stringify(socket);
    for (const name in socket) Reflect.has(socket, name);
    expect({ ...socket }).toBeTypeOf("object");
    expect(logger.lines.filter((line) => line.startsWith("warn"))).toEqual([]);
  });
});
