import { expect, holdsFor, until } from "../contract.js";
import { listenTo, PATIENCE } from "../io-fixture.js";
import type { IoChecks } from "./checks.js";

/** What is left of a link that was closed, or has ended. */
export const CLOSING: IoChecks = {
  "a link that is closed before it connects sends nothing": async (fixture) => {
    const opened = fixture.open();
    const hasAsked = opened.asked.length > 0;
    opened.link.close();
    await fixture.waitAWhile();
    expect(
      hasAsked || !fixture.handshakes().some((token) => opened.asked.includes(token)),
      "A link that was closed before it connected sent a credential. Look whether the link is closed before each CONNECT.",
    );
    expect(
      opened.types().length === 0 || hasAsked,
      "A link that was closed reported something. Let close() silence it.",
    );
  },
  "after close the server sees the end, and nothing is reported, delivered or acknowledged": async (
    fixture,
    { server },
  ) => {
    const opened = await fixture.connect({ namespaces: ["/", "/second"] });
    await fixture.echo(opened, "/second");
    const socket = opened.link.socket("/");
    const ear = listenTo(socket);
    const kept: unknown[] = [];
    server.send("/", "question", (value: unknown) => kept.push(value));
    await until(
      () => ear.heard.length > 0,
      PATIENCE,
      () => "An event of the server's did not reach its listener.",
    );
    let answers = 0;
    const onAck = (): void => {
      answers += 1;
    };
    socket.write({ event: "ask", args: [], onAck });
    server.send("/", "late");
    const {
      heard: { length: heard },
      connects,
    } = ear;
    const reported = opened.types().length;
    opened.link.close();
    // A second time does no harm.
    opened.link.close();
    const answer = ear.args[0]?.at(-1);
    if (typeof answer === "function") answer("too late");
    for (const namespace of ["/", "/second"]) {
      await fixture.untilSeen(
        "disconnected",
        namespace,
        `The server still has the socket of a link that was closed, in the namespace ${namespace}. End the connection with all of its namespaces; a link that lives on is another user's eyes.`,
      );
    }
    await fixture.waitAWhile();
    server.drop();
    await fixture.waitAWhile();
    expect(
      opened.types().length === reported,
      `After close() the link reported ${opened.types().slice(reported).join(", ")}. Let close() silence it.`,
    );
    expect(
      ear.heard.length === heard && ear.connects === connects,
      "After close() a listener heard something. Deliver nothing from then on.",
    );
    expect(answers === 0, "After close() a message was acknowledged. Call no onAck from then on.");
    expect(
      kept.length === 0,
      "An acknowledgement that somebody had kept was sent after close(). Let it do nothing: it would answer another request, on another link.",
    );
    expect(!socket.isConnected && !socket.isWritable, "A socket says that it is connected after close().");
  },
  "a link that is closed while it reports or delivers is silent from then on": async (
    fixture,
    { server },
  ) => {
    const reporting = fixture.open({
      onReport({ type }, link) {
        if (type === "connected") link?.close();
      },
    });
    await until(() => reporting.types().length > 0, PATIENCE, INCOMPLETE);
    await fixture.waitAWhile();
    // An adapter that reports within open() has no link yet that could be closed.
    expect(
      reporting.hasReportedEarly || reporting.types().join() === "connected",
      `A link was closed while it reported "connected", and then reported ${reporting.types().slice(1).join(", ")}. Look whether it is closed before each report.`,
    );

    const connecting = fixture.open();
    let reported: number | undefined;
    connecting.link.socket("/").listen({
      ...IGNORE,
      onConnect() {
        reported = connecting.types().length;
        connecting.link.close();
      },
    });
    await until(() => reported !== undefined, PATIENCE, INCOMPLETE);
    await fixture.waitAWhile();
    const late = connecting.types().slice(reported);
    expect(
      late.length === 0,
      `A link was closed within onConnect, and reported ${late.join(", ")} afterwards. Look whether it is closed before each report.`,
    );

    const delivering = await fixture.connect();
    let events = 0;
    delivering.link.socket("/").listen({
      ...IGNORE,
      onEvent() {
        events += 1;
        delivering.link.close();
      },
    });
    server.send("/", "first");
    server.send("/", "second");
    await until(() => events > 0, PATIENCE, INCOMPLETE);
    await fixture.waitAWhile();
    expect(
      events === 1,
      "A link was closed within onEvent, and delivered another event afterwards. Look whether it is closed before each delivery.",
    );
  },
  "a link that has ended never connects again by itself": async (fixture, { server, unreachable }) => {
    const failed = fixture.open({ io: unreachable });
    const lost = await fixture.connect({ namespaces: ["/", "/second"] });
    await fixture.echo(lost, "/second");
    server.drop();
    await until(
      () => lost.ends().length > 0 && failed.ends().length > 0,
      PATIENCE,
      () => "Of a link that was lost and one that failed not both were reported. Report how each link ends.",
    );
    const sent = (): number => fixture.handshakes().filter((token) => lost.asked.includes(token)).length;
    const before = sent();
    const [ends, failures] = [lost.types().join(), failed.types().join()];
    await holdsFor(
      LONGEST_RETRY,
      () => sent() === before && lost.types().join() === ends && failed.types().join() === failures,
      () =>
        "A link that had ended connected again, tried to, or reported more. With socket.io-client, give the Manager reconnection: false; when to try again is for the statechart to say, with a new link.",
    );
  },
};

/** How long socket.io-client waits at most before it connects again, left to itself; in milliseconds. */
const LONGEST_RETRY = 1_600;

const INCOMPLETE = (): string =>
  "Of a report, an onConnect and an event not all came. Report, connect and deliver.";

const IGNORE = { onConnect() {}, onEvent() {}, onDisconnect() {}, onRefused() {} };
