import { expect, until } from "../contract.js";
import { listenTo, PATIENCE } from "../io-fixture.js";
import type { IoChecks } from "./checks.js";

/** How the sockets of a link are joined and left, and what is written on them. */
export const SOCKETS: IoChecks = {
  "a listener is told at once that its namespace is connected": async (fixture) => {
    const { link } = await fixture.connect();
    const socket = link.socket("/");
    const ear = listenTo(socket);
    expect(
      ear.connects === 1,
      `A listener of a namespace that is connected was called ${ear.connects} times. Call onConnect once, within listen().`,
    );
    expect(
      typeof socket.id === "string" && socket.isConnected,
      "A socket that is connected has no id, or isConnected is false. Let both say so.",
    );
    await until(
      () => socket.isWritable,
      PATIENCE,
      () => "isWritable stays false. Let it be true when a message would leave at once.",
    );
  },
  "a namespace that is joined later connects later, once": async (fixture) => {
    const opened = await fixture.connect();
    const socket = opened.link.socket("/second");
    const ear = listenTo(socket);
    expect(
      ear.connects === 0 && !socket.isConnected,
      "A further namespace was connected within the call that joined it. Let onConnect come later: no server answers at once, and the caller has not subscribed yet.",
    );
    await until(
      () => ear.connects > 0,
      PATIENCE,
      () => {
        return `A further namespace was joined, but onConnect was not called within ${PATIENCE} ms. Call it when the server has accepted the namespace.`;
      },
    );
    await fixture.echo(opened, "/second");
    expect(
      ear.connects === 1,
      `onConnect was called ${ear.connects} times. Call it once for each connection.`,
    );
  },
  "a socket that is asked for again is the same one, joined once": async (fixture) => {
    const opened = await fixture.connect();
    const [one, other] = [opened.link.socket("/second"), opened.link.socket("/second")];
    await fixture.echo(opened, "/second");
    expect(
      one === other && fixture.handshakes("/second").length === 1,
      "Asking twice for a socket joined its namespace twice. Keep one socket for each namespace.",
    );
  },
  "messages arrive in order, with their arguments, in their namespace": async (fixture, { server }) => {
    const opened = await fixture.connect({ namespaces: ["/", "/second"] });
    await fixture.echo(opened, "/second");
    for (const number of [1, 2, 3])
      opened.link.socket("/").write({ event: "numbered", args: [number, { n: number }] });
    opened.link.socket("/second").write({ event: "elsewhere", args: [] });
    await fixture.echo(opened);
    await fixture.echo(opened, "/second");
    const arrived = server.log.flatMap((entry) =>
      entry.type === "message" && entry.event === "numbered" ? [[entry.namespace, ...entry.args]] : [],
    );
    expect(
      JSON.stringify(arrived) === '[["/",1,{"n":1}],["/",2,{"n":2}],["/",3,{"n":3}]]',
      "Messages did not arrive once each, in order and with their arguments. Write each at once, in the order of the calls.",
    );
    expect(
      fixture.count("elsewhere", "/second") === 1,
      "A message of one namespace did not arrive there. Write it in the namespace of its socket.",
    );
  },
  "what write answers true to arrives once, and what it answers false to never does": async (
    fixture,
    { server },
  ) => {
    const opened = fixture.open();
    const socket = opened.link.socket("/");
    const expected: string[] = [];
    const send = (event: string): void => {
      if (socket.write({ event, args: [] })) expected.push(event);
    };
    if (!socket.isConnected) send("before");
    await until(
      () => opened.types().includes("ready"),
      PATIENCE,
      () => "The link was not ready.",
    );
    send("connected");
    await fixture.echo(opened);
    server.drop();
    await until(
      () => opened.types().includes("disconnected"),
      PATIENCE,
      () => "The loss was not reported.",
    );
    send("lost");
    opened.link.close();
    send("closed");
    await fixture.waitAWhile();
    const wrong = ["before", "connected", "lost", "closed"].filter(
      (event) => fixture.count(event) !== (expected.includes(event) ? 1 : 0),
    );
    expect(
      wrong.length === 0,
      `write() did not tell the truth about a message in these states of the link: ${wrong.join(", ")}. Answer false for what cannot be written now, and do not keep it: it is sent on another link.`,
    );
  },
  "an acknowledgement is called with what the server answers, once": async (fixture) => {
    const opened = await fixture.connect();
    const answers: unknown[][] = [];
    const onAck = (...values: unknown[]): void => {
      answers.push(values);
    };
    opened.link.socket("/").write({ event: "ask", args: ["one", 2], onAck });
    await fixture.echo(opened);
    expect(
      JSON.stringify(answers) === '[["one",2]]',
      `An acknowledgement was called ${answers.length} times, or with other values than the server's. Call onAck once, with what the server answers.`,
    );
  },
  "a namespace that is left while the link opens is not joined, and may be joined later": async (
    fixture,
    { server },
  ) => {
    const opened = fixture.open({ namespaces: ["/", "/second"] });
    opened.link.socket("/second").leave();
    await until(
      () => opened.types().includes("ready"),
      PATIENCE,
      () => "The link was not ready.",
    );
    await fixture.echo(opened);
    // An adapter that sends within open() has asked for it already, and lets go of it then.
    const left = server.log.filter(
      ({ type, namespace }) => type === "disconnected" && namespace === "/second",
    );
    expect(
      fixture.handshakes("/second").length === left.length,
      "A namespace that was left while the link was opening was still joined. Send no CONNECT for it, or a DISCONNECT once it is accepted.",
    );
    await fixture.echo(opened, "/second");
  },
  "leaving ends that namespace only, and it may be joined again": async (fixture) => {
    const opened = await fixture.connect();
    await fixture.echo(opened, "/second");
    const socket = opened.link.socket("/second");
    socket.leave();
    expect(
      !socket.isConnected,
      "A socket says that it is connected after leave(). Let isConnected be false.",
    );
    await fixture.untilSeen(
      "disconnected",
      "/second",
      "The server still has a socket that was left. Send a DISCONNECT for its namespace.",
    );
    await fixture.echo(opened);
    expect(
      opened.ends().length === 0,
      "Leaving a namespace was reported as the end of the link. The link stays.",
    );
    const { asked } = opened;
    const before = asked.length;
    await fixture.echo(opened, "/second");
    const again = fixture.handshakes("/second").at(-1);
    expect(
      asked.indexOf(again ?? "") >= before,
      "A namespace that was left was not joined anew when its socket was asked for again. Send another CONNECT, with a credential of its own.",
    );
  },
};
