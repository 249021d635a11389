import { describe, expect, test, vi } from "vitest";
import { createFailures } from "../../src/failures.js";
import { createLog } from "../../src/logger.js";
import { createSockets } from "../../src/socket/sockets.js";
import { createTraffic } from "../../src/socket/traffic.js";
import { type HandMadeLink, handMadeIo } from "../io/hand-made-io.js";
import { manualClock } from "../manual-clock.js";
import { rejection, thrown } from "../rejection.js";

/** Traffic of a primary namespace and others, and links to carry it. */
function station(isCurrent = (): boolean => true) {
  const links: HandMadeLink[] = [];
  const asked: string[] = [];
  const warned: string[] = [];
  const traffic = createTraffic({
    primary: "/",
    bufferLimit: 10,
    heard: () => 0,
    mayWrite: isCurrent,
    mayDeliver: isCurrent,
    link: (number) => links[number - 1],
    failures: createFailures(20_000, {
      mask: (text) => text,
      maskError: (cause) => new Error(String(cause)),
      maskData: (data) => data,
    }),
  });
  const reports: unknown[] = [];
  const stop = traffic.start((event) => {
    asked.push(event.type);
    reports.push(event);
  });
  const of = createSockets(
    (namespace) => traffic.channel(namespace),
    30_000,
    manualClock(),
    createLog({ warn: (line) => warned.push(line) }),
  );
  const io = handMadeIo();
  /** Opens the next link with the namespaces wanted, and puts it in force, or in the place of the one in force. */
  const attach = (isSwitch = false, meanwhile: (opening: HandMadeLink) => void = () => {}): HandMadeLink => {
    const number = links.length + 1;
    io.open({ link: number, credential: () => null, namespaces: traffic.namespaces(number) }, () => {});
    links.push(io.link);
    for (const [name, socket] of io.link.sockets) socket.connect(`${name}-${links.length}`);
    meanwhile(io.link);
    const link = links.length;
    traffic.obey(isSwitch ? { type: "switch", link } : { type: "attach", link, isHeld: false });
    return io.link;
  };
  const written = (namespace: string): string[] =>
    links.flatMap(({ sockets }) => sockets.get(namespace)?.written.map(({ event }) => event) ?? []);
  return { traffic, stop, of, attach, asked, reports, warned, written };
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

  test.each(["/rotor", "/rotor-barrier-1"])("refuses %s, which is the library's own, and says so", (name) => {
    const { of } = station();
    expect(thrown(() => of(name), "ERR_INVALID_NAMESPACE").message).toContain(
      `${name} is socket-rotor's own`,
    );
    expect(of("/rotor-news")).toBeDefined();
  });

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
    expect(traffic.namespaces(2)).toEqual(["/"]);
    chat.connect();
    link.sockets.get("/chat")?.connect("again");
    expect([chat.id, traffic.namespaces(2)]).toEqual(["again", ["/", "/chat"]]);
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

  test.each(["connect() of one that is joined", "one that is asked for"])(
    "%s while links change places writes nothing before the next link",
    (what) => {
      const { of, attach, traffic, written } = station();
      const name = what.startsWith("connect") ? "/chat" : "/late";
      of("/chat");
      const link = attach();
      traffic.obey({ type: "pause" });
      of(name).connect();
      of(name).emit("held");
      link.sockets.get(name)?.connect(`${name}-1`);
      expect(written(name)).toEqual([]);
      traffic.obey({ type: "detach", reason: "token rotation" });
      const next = attach();
      expect(next.sockets.get(name)?.written.map(({ event }) => event)).toEqual(["held"]);
    },
  );

  test("one that is asked for after a switch waits for its release", () => {
    const { of, attach, traffic, written } = station();
    attach();
    const next = attach(true);
    of("/late").emit("held");
    next.sockets.get("/late")?.connect();
    expect(written("/late")).toEqual([]);
    traffic.obey({ type: "release" });
    expect(written("/late")).toEqual(["held"]);
  });

  test("connect() of one that was refused for now, or let go by the server, joins it again", () => {
    const { of, attach } = station();
    of("/chat");
    const link = attach();
    const join = vi.spyOn(link, "socket");
    of("/chat").connect();
    expect(join).not.toHaveBeenCalled();
    link.sockets.get("/chat")?.listener()?.onDisconnect("io server disconnect");
    of("/chat").connect();
    expect(join.mock.calls).toEqual([["/chat"]]);
  });

  test("a namespace that was left is not touched when its link is put in force once more", () => {
    const { of, attach, traffic } = station();
    of("/chat");
    const link = attach();
    of("/chat").disconnect();
    const join = vi.spyOn(link, "socket");
    traffic.obey({ type: "attach", link: 1, isHeld: false });
    expect(join.mock.calls).toEqual([["/"]]);
  });

  test("a namespace that is left while a link is opening is left there at once, and once", () => {
    const { of, attach, traffic } = station();
    of("/chat");
    attach();
    const leave = vi.fn();
    const next = attach(true, (opening) => {
      const socket = opening.socket("/chat");
      socket.leave = leave;
      of("/chat").disconnect();
      expect(leave).toHaveBeenCalledOnce();
    });
    traffic.obey({ type: "attach", link: 2, isHeld: false });
    expect([leave.mock.calls.length, next.sockets.get("/chat")?.isListenedTo]).toEqual([1, false]);
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

describe("a switch to another link of the same user", () => {
  const settled = [{ type: "io.settled", link: 1 }];

  /** What the application sent on a link, by namespace, to be acknowledged by the test. */
  const acknowledge = (link: HandMadeLink, namespace: string): void =>
    link.sockets.get(namespace)?.written[0]?.onAck?.("answer");

  test("G4 moves every namespace, and nothing is written before its release", () => {
    const { of, attach, traffic, written } = station();
    of("/chat").emit("first");
    attach();
    attach(true);
    for (const name of ["/", "/chat"]) of(name).emit("second");
    expect([written("/"), written("/chat"), of("/").id]).toEqual([[], ["first"], "/-2"]);
    traffic.obey({ type: "release" });
    expect([written("/"), written("/chat")]).toEqual([["second"], ["first", "second"]]);
  });

  test("what is due on the old link is told of once, when it is in on every namespace", async () => {
    const { of, attach, traffic, reports } = station();
    const due = ["/", "/chat"].map((name) => of(name).emitWithAck("save"));
    const old = attach();
    const second = attach(true);
    traffic.obey({ type: "drain", link: 1 });
    acknowledge(old, "/");
    expect(reports).toEqual([]);
    acknowledge(old, "/chat");
    acknowledge(old, "/chat");
    expect(await Promise.all(due)).toEqual(["answer", "answer"]);
    expect(reports).toEqual(settled);
    traffic.obey({ type: "release" });
    const next = of("/").emitWithAck("save");
    attach(true);
    acknowledge(second, "/");
    expect([await next, reports]).toEqual(["answer", settled]);
  });

  test("with nothing due it is told of at once", () => {
    const { attach, traffic, reports } = station();
    attach();
    attach(true);
    traffic.obey({ type: "drain", link: 1 });
    expect(reports).toEqual(settled);
  });

  test("is not told of before the statechart asks, or after the old link is gone", async () => {
    const { of, attach, traffic, reports } = station();
    const first = of("/").emitWithAck("save");
    const old = attach();
    attach(true);
    acknowledge(old, "/");
    expect([await first, reports]).toEqual(["answer", []]);
    traffic.obey({ type: "release" });
    const due = rejection(of("/").emitWithAck("save"), "ERR_LINK_CLOSED");
    attach(true);
    traffic.obey({ type: "drain", link: 2 });
    traffic.obey({ type: "finish" });
    await due;
    expect(reports).toEqual([]);
  });

  test("is told of when the last namespace that waits is left", async () => {
    const { of, attach, traffic, reports } = station();
    const due = rejection(of("/chat").emitWithAck("save"), "ERR_LINK_CLOSED");
    attach();
    attach(true);
    traffic.obey({ type: "drain", link: 1 });
    of("/chat").disconnect();
    await due;
    expect(reports).toEqual(settled);
  });

  test("is not told of at the end of both", async () => {
    const { of, attach, traffic, reports } = station();
    const due = rejection(of("/").emitWithAck("save"), "ERR_LINK_CLOSED");
    attach();
    attach(true);
    traffic.obey({ type: "drain", link: 1 });
    traffic.obey({ type: "detach", reason: "transport close" });
    await due;
    expect(reports).toEqual([]);
  });

  test("leaves a namespace that was left while the new link was opening", () => {
    const { of, attach } = station();
    of("/chat");
    attach();
    const next = attach(true, () => of("/chat").disconnect());
    expect(next.request.namespaces).toEqual(["/", "/chat"]);
    expect([next.sockets.get("/chat")?.hasLeft, of("/chat").connected]).toEqual([true, false]);
  });
});

describe("G3 while the server has yet to name the user", () => {
  const codes = (of: ReturnType<typeof station>["of"]): unknown[] => {
    const dropped: unknown[] = [];
    for (const name of ["/", "/chat"])
      of(name).on("dropped", (event, code) => dropped.push(`${event} ${code}`));
    return dropped;
  };

  test("what is set aside of every namespace comes back first, in order", () => {
    const { of, attach, traffic, written } = station();
    const dropped = codes(of);
    for (const name of ["/", "/chat"]) of(name).emit("of alice");
    traffic.obey({ type: "setAside" });
    for (const name of ["/", "/chat"]) of(name).emit("since");
    traffic.obey({ type: "takeBack" });
    attach();
    const all = ["of alice", "since"];
    expect([written("/"), written("/chat"), dropped]).toEqual([all, all, []]);
  });

  test("or is dropped for another one", () => {
    const { of, attach, traffic, written } = station();
    const dropped = codes(of);
    for (const name of ["/", "/chat"]) of(name).emit("of alice");
    traffic.obey({ type: "setAside" });
    of("/").emit("of bob");
    traffic.obey({ type: "discardAside" });
    attach();
    expect([written("/"), written("/chat")]).toEqual([["of bob"], []]);
    expect(dropped).toEqual(["of alice ERR_IDENTITY_CHANGED", "of alice ERR_IDENTITY_CHANGED"]);
  });
});
