import { describe, expect, test, vi } from "vitest";
import { createFailures } from "../../src/failures.js";
import { createLog } from "../../src/logger.js";
import { createSockets } from "../../src/socket/sockets.js";
import { createTraffic } from "../../src/socket/traffic.js";
import { type HandMadeLink, handMadeIo } from "../io/hand-made-io.js";
import { manualClock } from "../manual-clock.js";
import { thrown } from "../rejection.js";

/** Traffic of a primary namespace and others, and links to carry it. */
function station(isCurrent = (): boolean => true) {
  const links: HandMadeLink[] = [];
  const asked: string[] = [];
  const warned: string[] = [];
  const traffic = createTraffic({
    primary: "/",
    bufferLimit: 10,
    mayWrite: isCurrent,
    mayDeliver: isCurrent,
    link: (number) => links[number - 1],
    failures: createFailures(20_000),
  });
  const stop = traffic.start(({ type }) => asked.push(type));
  const of = createSockets(
    (namespace) => traffic.channel(namespace),
    30_000,
    manualClock(),
    createLog({ warn: (line) => warned.push(line) }),
  );
  const io = handMadeIo();
  /** Opens the next link with the namespaces wanted, and puts it in force. */
  const attach = (): HandMadeLink => {
    io.open({ link: links.length + 1, credential: () => null, namespaces: traffic.namespaces() }, () => {});
    links.push(io.link);
    for (const [name, socket] of io.link.sockets) socket.connect(`${name}-${links.length}`);
    traffic.obey({ type: "attach", link: links.length, isHeld: false });
    return io.link;
  };
  const written = (namespace: string): string[] =>
    links.flatMap(({ sockets }) => sockets.get(namespace)?.written.map(({ event }) => event) ?? []);
  return { traffic, stop, of, attach, asked, warned, written };
}

describe("of()", () => {
  test("answers with one socket a namespace", () => {
    const { of } = station();
    expect(of("/chat")).toBe(of("/chat"));
    expect(of("/chat")).not.toBe(of("/"));
  });

  test.each([["chat"], [""], ["/chat?x=1"], ["/a,b"], [undefined], [42], [null], [["/chat"]]])(
    "refuses %j, and says what a namespace looks like",
    (name) => {
      const { of } = station();
      expect(thrown(() => Reflect.apply(of, undefined, [name]), "ERR_INVALID_NAMESPACE").message).toContain(
        '"/chat"',
      );
    },
  );

  test("each namespace has an outbox of its own, and all leave on the same link", () => {
    const { of, attach, written } = station();
    of("/chat").emit("to chat");
    of("/").emit("to primary");
    attach();
    expect([written("/chat"), written("/")]).toEqual([["to chat"], ["to primary"]]);
  });

  test("one asked for while connected joins the link there is", () => {
    const { of, attach, written } = station();
    const link = attach();
    of("/late").emit("hello");
    expect(written("/late")).toEqual([]);
    link.sockets.get("/late")?.connect();
    expect(written("/late")).toEqual(["hello"]);
  });

  test("one asked for while nobody is signed in, while held or while active is told so", () => {
    const { of, traffic, attach, written } = station();
    const link = attach();
    traffic.obey({ type: "start" });
    traffic.obey({ type: "hold" });
    const late = of("/late");
    late.emit("held");
    link.sockets.get("/late")?.connect();
    expect([late.active, written("/late")]).toEqual([true, []]);
    traffic.obey({ type: "release" });
    expect(written("/late")).toEqual(["held"]);
    traffic.obey({ type: "refuse", code: "ERR_LOGGED_OUT" });
    const refused: unknown[] = [];
    of("/later").on("dropped", (...args) => refused.push(args));
    of("/later").emit("a");
    expect(refused).toEqual([["a", "ERR_LOGGED_OUT"]]);
  });
});

test.each(["dropped", "connect", "disconnect", "connect_error"])(
  "an event of the server's named %s is not mistaken for the socket's own: onAny hears of it, and one warning tells",
  (event) => {
    const { of, attach, warned } = station();
    const link = attach();
    const own = vi.fn();
    const any = vi.fn();
    Reflect.apply(of("/").on, of("/"), [event, own]);
    of("/").onAny(any);
    for (const value of [1, 2]) link.sockets.get("/")?.receive(event, value);
    expect([own.mock.calls, any.mock.calls]).toEqual([
      [],
      [
        [event, 1],
        [event, 2],
      ],
    ]);
    expect(warned).toEqual([expect.stringContaining(`"${event}"`)]);
  },
);

describe("connect and disconnect", () => {
  test("of the primary namespace are those of the connection", () => {
    const { of, asked } = station();
    of("/").connect();
    of("/").disconnect();
    expect(asked).toEqual(["connect", "disconnect"]);
  });

  test("of another one leave and join that one only, on the same link", () => {
    const { of, attach, asked, traffic } = station();
    const chat = of("/chat");
    const link = attach();
    const reasons: string[] = [];
    chat.on("disconnect", (reason) => reasons.push(reason));
    chat.disconnect();
    expect([asked, reasons, chat.connected, of("/").connected]).toEqual([
      [],
      ["io client disconnect"],
      false,
      true,
    ]);
    expect(traffic.namespaces()).toEqual(["/"]);
    chat.connect();
    link.sockets.get("/chat")?.connect("again");
    expect([chat.id, traffic.namespaces()]).toEqual(["again", ["/", "/chat"]]);
  });

  test("connect on a namespace that is connected does nothing, as in Socket.IO", () => {
    const { of, attach } = station();
    const chat = of("/chat");
    attach();
    const fired: string[] = [];
    chat.on("connect", () => fired.push("connect")).on("disconnect", () => fired.push("disconnect"));
    chat.connect();
    expect([fired, chat.connected]).toEqual([[], true]);
  });

  test("connect does not let out what is held until it is certain who is signed in", () => {
    const { of, attach, traffic, written } = station();
    const chat = of("/chat");
    attach();
    traffic.obey({ type: "hold" });
    chat.emit("held");
    chat.connect();
    expect(written("/chat")).toEqual([]);
    traffic.obey({ type: "release" });
    expect(written("/chat")).toEqual(["held"]);
  });

  test("a namespace that was left is not joined by the next link", () => {
    const { of, attach } = station();
    of("/chat");
    attach();
    of("/chat").disconnect();
    expect(attach().request.namespaces).toEqual(["/"]);
  });

  test("left while there is no link, it still waits for its own connect", () => {
    const { of, attach } = station();
    of("/chat").disconnect();
    expect(attach().request.namespaces).toEqual(["/"]);
    of("/chat").connect();
    expect(of("/chat").connected).toBe(false);
  });
});

describe("what the statechart says", () => {
  test("reaches every namespace", () => {
    const { of, traffic, attach, written } = station();
    attach();
    const fired: string[] = [];
    for (const name of ["/", "/chat"]) {
      of(name).on("disconnect", (reason) => fired.push(`${name} ${reason}`));
      of(name).on("dropped", (event, code) => fired.push(`${name} ${event} ${code}`));
    }
    attach();
    traffic.obey({ type: "hold" });
    for (const name of ["/", "/chat"]) of(name).emit("a");
    traffic.obey({ type: "discard", code: "ERR_IDENTITY_CHANGED" });
    traffic.obey({ type: "detach", reason: "token rotation" });
    expect(fired).toEqual([
      "/ a ERR_IDENTITY_CHANGED",
      "/chat a ERR_IDENTITY_CHANGED",
      "/ token rotation",
      "/chat token rotation",
    ]);
    expect([written("/"), written("/chat")]).toEqual([[], []]);
  });

  test("a failure fires connect_error with the error behind the code", () => {
    const { of, traffic } = station();
    const errors: string[] = [];
    of("/").on("connect_error", ({ code }) => errors.push(code));
    traffic.obey({ type: "fail", code: "ERR_CONNECT_TIMEOUT" });
    expect(errors).toEqual(["ERR_CONNECT_TIMEOUT"]);
  });

  test("the end refuses what is queued and what comes, and disconnects", async () => {
    const { of, attach, stop } = station();
    attach();
    const fired: unknown[] = [];
    of("/").on("dropped", (...args) => fired.push(args));
    of("/").on("disconnect", (reason) => fired.push(reason));
    stop();
    of("/").emit("late");
    expect(fired).toEqual(["io client disconnect", ["late", "ERR_DISPOSED"]]);
    expect([of("/").connected, of("/").active]).toEqual([false, false]);
  });

  test("with the storage changed under it, nothing is written", () => {
    const { of, attach, written } = station(() => false);
    attach();
    of("/").emit("a");
    expect(written("/")).toEqual([]);
  });
});
