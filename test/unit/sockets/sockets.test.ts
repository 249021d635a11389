import { describe, expect, test, vi } from "vitest";
import { Traffic } from "../../../src/sockets/traffic.js";
import { type HandMadeLink, handMadeIo } from "../../support/hand-made-io.js";
import { manualClock } from "../../support/manual-clock.js";
import { rejection, thrown } from "../../support/rejection.js";
import { credential, partsOfTraffic } from "./harness.js";

/** Traffic of a primary namespace and others, and links to carry it. */
function station(isCurrent = (): boolean => true) {
  const links: HandMadeLink[] = [];
  const user = credential(() => traffic.dropOthers());
  user.isCurrent = isCurrent;
  const asked: string[] = [];
  const warned: string[] = [];
  const traffic = new Traffic({
    ...partsOfTraffic(manualClock(), { warn: (line) => warned.push(line) }),
    gate: user.gate,
    owners: user.owners,
    link: (number) => links[number - 1],
  });
  const reports: unknown[] = [];
  const stop = traffic.start((event) => {
    asked.push(event.type);
    reports.push(event);
  });
  const { of } = traffic;
  const io = handMadeIo();
  /** Opens the next link with the namespaces wanted, and makes it current, or puts it in the place of the current one. */
  const attach = (
    isSwitch = false,
    meanwhile: (opening: HandMadeLink) => void = () => {},
    isCertain = true,
  ): HandMadeLink => {
    const number = links.length + 1;
    io.open({ link: number, credential: () => null, namespaces: traffic.namespaces(number) }, () => {});
    links.push(io.link);
    for (const [name, socket] of io.link.sockets) socket.connect(`${name}-${links.length}`);
    meanwhile(io.link);
    const link = links.length;
    user.open(link, isCertain);
    traffic.handle({ type: isSwitch ? "switch" : "attach", link });
    return io.link;
  };
  /** From now on it is uncertain who is signed in. */
  const hold = (): void => {
    user.isCertain = false;
  };
  const pause = (): void => traffic.handle({ type: "pause" });
  /** It is certain again, and everything goes on. */
  const release = (): void => {
    user.isCertain = true;
    traffic.handle({ type: "resume" });
  };
  const written = (namespace: string): string[] =>
    links.flatMap(({ sockets }) => sockets.get(namespace)?.written.map(({ event }) => event) ?? []);
  return { traffic, user, stop, of, attach, hold, pause, release, asked, reports, warned, written };
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
    const { of, traffic, attach, written, hold, release } = station();
    const link = attach();
    traffic.handle({ type: "start" });
    hold();
    const late = of("/late");
    late.emit("held");
    link.sockets.get("/late")?.connect();
    expect([late.active, written("/late")]).toEqual([true, []]);
    release();
    expect(written("/late")).toEqual(["held"]);
    traffic.handle({ type: "refuse", code: "ERR_LOGGED_OUT" });
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

  test("connect() in a listener of disconnect() joins the namespace again, on the same link", () => {
    const { of, attach } = station();
    const chat = of("/chat");
    const link = attach();
    chat.on("disconnect", () => chat.connect());
    chat.disconnect();
    const socket = link.sockets.get("/chat");
    expect([socket?.hasLeft, socket?.isListenedTo]).toEqual([true, true]);
    socket?.connect("again");
    expect([chat.connected, chat.id]).toEqual([true, "again"]);
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
    const { of, attach, written, hold, release } = station();
    const chat = of("/chat");
    attach();
    hold();
    chat.emit("held");
    chat.connect();
    expect(written("/chat")).toEqual([]);
    release();
    expect(written("/chat")).toEqual(["held"]);
  });

  test.each(["connect() of one that is joined", "one that is asked for"])(
    "%s while links change places writes nothing until it may go on on the next link",
    (what) => {
      const { of, attach, traffic, written, pause, release } = station();
      const name = what.startsWith("connect") ? "/chat" : "/late";
      of("/chat");
      const link = attach();
      pause();
      of(name).connect();
      of(name).emit("held");
      link.sockets.get(name)?.connect(`${name}-1`);
      expect(written(name)).toEqual([]);
      traffic.handle({ type: "detach", reason: "token rotation" });
      const next = attach();
      expect(next.sockets.get(name)?.written).toEqual([]);
      release();
      expect(next.sockets.get(name)?.written.map(({ event }) => event)).toEqual(["held"]);
    },
  );

  test("one that is asked for after a switch waits for its release", () => {
    const { of, attach, written, pause, release } = station();
    attach();
    pause();
    const next = attach(true);
    of("/late").emit("held");
    next.sockets.get("/late")?.connect();
    expect(written("/late")).toEqual([]);
    release();
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

  test("a namespace that was left is not touched when its link is attached once more", () => {
    const { of, attach, traffic } = station();
    of("/chat");
    const link = attach();
    of("/chat").disconnect();
    const join = vi.spyOn(link, "socket");
    traffic.handle({ type: "attach", link: 1 });
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
    traffic.handle({ type: "attach", link: 2 });
    expect([leave.mock.calls.length, next.sockets.get("/chat")?.isListenedTo]).toEqual([1, false]);
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
    const { of, traffic, attach, hold, pause, release, written } = station();
    attach();
    const fired: string[] = [];
    for (const name of ["/", "/chat"]) {
      of(name).on("disconnect", (reason) => fired.push(`${name} ${reason}`));
      of(name).on("dropped", (event, code) => fired.push(`${name} ${event} ${code}`));
    }
    attach();
    hold();
    for (const name of ["/", "/chat"]) of(name).emit("held");
    pause();
    for (const name of ["/", "/chat"]) of(name).emit("paused");
    expect([written("/"), written("/chat")]).toEqual([[], []]);
    release();
    traffic.handle({ type: "detach", reason: "token rotation" });
    for (const name of ["/", "/chat"]) of(name).emit("late");
    traffic.handle({ type: "refuse", code: "ERR_LOGGED_OUT" });
    expect(fired).toEqual([
      "/ token rotation",
      "/chat token rotation",
      "/ late ERR_LOGGED_OUT",
      "/chat late ERR_LOGGED_OUT",
    ]);
    const all = ["held", "paused"];
    expect([written("/"), written("/chat")]).toEqual([all, all]);
  });

  test("a failure fires connect_error with the error behind the code", () => {
    const { of, traffic } = station();
    const errors: string[] = [];
    of("/").on("connect_error", ({ code }) => errors.push(code));
    traffic.handle({ type: "fail", code: "ERR_CONNECT_TIMEOUT" });
    expect(errors).toEqual(["ERR_CONNECT_TIMEOUT"]);
  });

  test("the end refuses what is queued and what comes, and disconnects", async () => {
    const { of, attach, stop, traffic } = station();
    attach();
    const fired: unknown[] = [];
    of("/").on("dropped", (...args) => fired.push(args));
    of("/").on("disconnect", (reason) => fired.push(reason));
    stop();
    traffic.refuseAll();
    of("/").emit("late");
    expect(fired).toEqual(["io client disconnect", ["late", "ERR_DISPOSED"]]);
    expect([of("/").connected, of("/").active]).toEqual([false, false]);
  });

  test("the end refuses also where it has never begun", () => {
    const { of, traffic } = station();
    const dropped: unknown[] = [];
    of("/").on("dropped", (...args) => dropped.push(args));
    of("/").emit("waits");
    traffic.refuseAll();
    of("/chat").on("dropped", (...args) => dropped.push(args));
    of("/chat").emit("late");
    expect(dropped).toEqual([
      ["waits", "ERR_DISPOSED"],
      ["late", "ERR_DISPOSED"],
    ]);
    thrown(() => of("/chat").connect(), "ERR_DISPOSED");
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
    const { of, attach, written, pause, release } = station();
    of("/chat").emit("first");
    attach();
    pause();
    attach(true);
    for (const name of ["/", "/chat"]) of(name).emit("second");
    expect([written("/"), written("/chat"), of("/").id]).toEqual([[], ["first"], "/-2"]);
    release();
    expect([written("/"), written("/chat")]).toEqual([["second"], ["first", "second"]]);
  });

  test("what is due on the old link is told of once, when it is in on every namespace", async () => {
    const { of, attach, traffic, reports, release } = station();
    const due = ["/", "/chat"].map((name) => of(name).emitWithAck("save"));
    const old = attach();
    const second = attach(true);
    traffic.handle({ type: "drain", link: 1 });
    acknowledge(old, "/");
    expect(reports).toEqual([]);
    acknowledge(old, "/chat");
    acknowledge(old, "/chat");
    expect(await Promise.all(due)).toEqual(["answer", "answer"]);
    expect(reports).toEqual(settled);
    release();
    const next = of("/").emitWithAck("save");
    attach(true);
    acknowledge(second, "/");
    expect([await next, reports]).toEqual(["answer", settled]);
  });

  test("with nothing due it is told of at once", () => {
    const { attach, traffic, reports } = station();
    attach();
    attach(true);
    traffic.handle({ type: "drain", link: 1 });
    expect(reports).toEqual(settled);
  });

  test("is not told of before the statechart asks, or after the old link is gone", async () => {
    const { of, attach, traffic, reports, release } = station();
    const first = of("/").emitWithAck("save");
    const old = attach();
    attach(true);
    acknowledge(old, "/");
    expect([await first, reports]).toEqual(["answer", []]);
    release();
    const due = rejection(of("/").emitWithAck("save"), "ERR_LINK_CLOSED");
    attach(true);
    traffic.handle({ type: "drain", link: 2 });
    traffic.handle({ type: "finish" });
    await due;
    expect(reports).toEqual([]);
  });

  test("is told of when the last namespace that waits is left", async () => {
    const { of, attach, traffic, reports } = station();
    const due = rejection(of("/chat").emitWithAck("save"), "ERR_LINK_CLOSED");
    attach();
    attach(true);
    traffic.handle({ type: "drain", link: 1 });
    of("/chat").disconnect();
    await due;
    expect(reports).toEqual(settled);
  });

  test("is not told of at the end of both", async () => {
    const { of, attach, traffic, reports } = station();
    const due = rejection(of("/").emitWithAck("save"), "ERR_LINK_CLOSED");
    attach();
    attach(true);
    traffic.handle({ type: "drain", link: 1 });
    traffic.handle({ type: "detach", reason: "transport close" });
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
  /** Alice has been named, has left something in every namespace, and an opaque token has come since. */
  function unnamed() {
    const at = station();
    const { of, user } = at;
    user.owners.begin(undefined, false, false);
    user.owners.name(user.owners.ofToken, "alice");
    const dropped: unknown[] = [];
    for (const name of ["/", "/chat"]) {
      of(name).on("dropped", (event, code) => dropped.push(`${event} ${code}`));
      of(name).emit("of alice");
    }
    user.owners.begin(undefined, false, false);
    for (const name of ["/", "/chat"]) of(name).emit("since");
    return { ...at, dropped };
  }

  test("nothing leaves, and nothing is dropped", () => {
    const { attach, written, dropped } = unnamed();
    attach(false, () => {}, false);
    expect([written("/"), written("/chat"), dropped]).toEqual([[], [], []]);
  });

  test("all of every namespace leaves in order when it is the same one", () => {
    const { user, attach, written, dropped } = unnamed();
    user.owners.name(user.owners.ofToken, "alice");
    attach();
    const all = ["of alice", "since"];
    expect([written("/"), written("/chat"), dropped]).toEqual([all, all, []]);
  });

  test("what was the last one's is dropped for another one, and told", () => {
    const { user, attach, written, dropped } = unnamed();
    user.owners.name(user.owners.ofToken, "bob");
    attach();
    expect([written("/"), written("/chat")]).toEqual([["since"], ["since"]]);
    expect(dropped).toEqual(["of alice ERR_IDENTITY_CHANGED", "of alice ERR_IDENTITY_CHANGED"]);
  });

  test("what was the last one's never leaves for another one", () => {
    const { attach, written, dropped } = unnamed();
    // A link of somebody else's, who is let in before anybody has dropped what was hers.
    attach();
    expect([written("/"), written("/chat"), dropped]).toEqual([[], [], []]);
  });

  test("a sign-out drops all of every namespace, and tells", () => {
    const { traffic, dropped } = unnamed();
    traffic.dropAll();
    expect(dropped).toEqual(
      ["of alice", "since", "of alice", "since"].map((each) => `${each} ERR_LOGGED_OUT`),
    );
  });
});
