import { isConnectionError } from "../../errors.js";
import type { LinkEvent } from "../../links/io-adapter.js";
import { isFunction, property } from "../../value.js";
import { expect, until } from "../contract.js";
import { REFUSED_TOKEN } from "../contract-server.js";
import { type OpenedLink, PATIENCE } from "../io-bench.js";
import type { IoChecks } from "./checks.js";

const METHODS = ["socket", "reauthenticate", "settle", "recovery", "close"];

/** What a link is opened with, presents, and reports. */
export const OPENING: IoChecks = {
  "open answers with a link that has every method": async (bench) => {
    const { link } = bench.open();
    const missing = METHODS.filter((method) => !isFunction(property(link, method)));
    expect(missing.length === 0, `The link lacks ${missing.join(", ")}. Give it every method of Link.`);
  },
  "a server that cannot be reached is reported as failed, and open does not throw": async (
    bench,
    { unreachable },
  ) => {
    const { events, types } = bench.open({ io: unreachable });
    await until(
      () => types().length > 0,
      PATIENCE,
      () => {
        return `Nobody listens there, but nothing was reported within ${PATIENCE} ms. Report "failed".`;
      },
    );
    expect(types().join() === "failed", `It reported ${types().join(", ")} instead of "failed", once.`);
    expectError(events[0]);
  },
  "connected is reported, then ready, each once": async (bench) => {
    const opened = await bench.connect();
    await bench.echo(opened);
    await bench.waitAWhile();
    expect(
      opened.types().join() === "connected,ready",
      `It reported ${opened.types().join(", ")}. Report "connected" and then "ready", once each.`,
    );
    const ready = opened.events[1];
    expect(
      ready?.type === "ready" && typeof ready.reauthenticate === "boolean",
      'Its "ready" does not say whether the server takes another token on the same link. Give reauthenticate: true or false.',
    );
  },
  "every namespace of the request is joined, and no other": async (bench) => {
    const alone = await bench.connect({ namespaces: ["/second"] });
    await bench.echo(alone, "/second");
    expect(
      bench.handshakes("/").length === 0,
      'The namespace "/" was joined without having been asked for. The first of request.namespaces is the primary one.',
    );
    alone.link.close();
    const both = await bench.connect({ namespaces: ["/", "/second"] });
    // Before anybody asks for its socket.
    await until(
      () => bench.handshakes("/second").some((token) => both.asked.includes(token)),
      PATIENCE,
      () =>
        "A namespace of the request was joined only when its socket was asked for. Join each of request.namespaces when the link opens.",
    );
    await bench.echo(both);
    await bench.echo(both, "/second");
  },
  "two links are open at once, and one is closed without the other": async (bench) => {
    const [one, other] = [await bench.connect(), await bench.connect()];
    await bench.echo(one);
    await bench.echo(other);
    one.link.close();
    await bench.echo(other);
    expect(
      other.ends().length === 0,
      "Closing one link had an effect on another one. Let links share nothing that ends with one of them.",
    );
  },
  "each CONNECT carries a credential of its own, asked for when it is sent": async (bench) => {
    const opened = await bench.connect({ namespaces: ["/"] });
    const before = opened.asked.length;
    await bench.echo(opened, "/second");
    const [first = "", second = ""] = [...bench.handshakes("/"), ...bench.handshakes("/second")];
    expect(
      opened.asked.includes(first) && opened.asked.includes(second),
      "The server was sent something other than what request.credential() answered. Send that, under its own names.",
    );
    expect(
      opened.asked.indexOf(second) >= before,
      "A namespace that was joined later was sent an older credential. Ask request.credential() again for each CONNECT, and keep no answer.",
    );
  },
  "a credential of null sends nothing": async (bench) => {
    const { types } = bench.open({ token: () => null });
    let token: string | null = "current";
    const joined = await bench.connect({ token: () => token });
    token = null;
    joined.link.socket("/second");
    await bench.echo(joined);
    await bench.waitAWhile();
    const sent = bench.handshakes();
    expect(
      sent.every((each) => each !== "null" && each !== "undefined") && sent.length === 2,
      "The server was asked to connect though request.credential() answered null: the token is not current any more. Send nothing.",
    );
    expect(types().length === 0, "A link without a credential reported something. Let it wait to be closed.");
  },
  "a link that is closed while it asks for a credential sends nothing": async (bench) => {
    let opened: OpenedLink | undefined;
    let isClosed = false;
    opened = bench.open({
      token() {
        // An adapter that asks within open() has no link yet that could be closed.
        isClosed = opened !== undefined;
        opened?.link.close();
        return "of a closed link";
      },
    });
    await bench.waitAWhile();
    expect(
      !isClosed || !bench.handshakes().includes("of a closed link"),
      "request.credential() closed the link, and its answer was still sent. Look whether the link is closed after asking.",
    );
  },
  "a refusal is reported as refused, once, without the credential": async (bench) => {
    const { events, types } = bench.open({ namespaces: ["/", "/second"], token: () => REFUSED_TOKEN });
    await until(
      () => types().length > 0,
      PATIENCE,
      () => {
        return `The server refused the link, but nothing was reported within ${PATIENCE} ms. Report "refused".`;
      },
    );
    await bench.waitAWhile();
    expect(types().join() === "refused", `It reported ${types().join(", ")} instead of "refused", once.`);
    expectError(events[0]);
    expectVerdict(events[0]);
  },
  "a connection that is lost is reported as disconnected, once, and its sockets are not connected": async (
    bench,
    { server },
  ) => {
    const opened = await bench.connect({ namespaces: ["/", "/second"] });
    await bench.echo(opened, "/second");
    server.drop();
    await until(
      () => opened.ends().length > 0,
      PATIENCE,
      () => {
        return `The connection was cut, but nothing was reported within ${PATIENCE} ms. Report "disconnected".`;
      },
    );
    await bench.waitAWhile();
    const event = opened.events.find(({ type }) => type === opened.ends()[0]);
    expect(
      opened.ends().join() === "disconnected",
      `It reported ${opened.ends().join(", ")} instead of "disconnected", once. A link never connects again by itself.`,
    );
    expect(
      event?.type === "disconnected" && typeof event.reason === "string",
      'Its "disconnected" has no reason. Give Socket.IO\'s words, such as "transport close".',
    );
    expectError(event);
    expectVerdict(event);
    expect(
      !opened.link.socket("/").isConnected,
      "A socket of a link that is lost says that it is connected. Let isConnected be false from then on.",
    );
  },
  "what an earlier link has left can be offered to the next one": async (bench, { server }) => {
    const waiting = bench.open({ token: () => null });
    expect(
      waiting.link.recovery() === undefined,
      "recovery() of a link that never connected answered with something. Answer with undefined.",
    );
    const lost = await bench.connect();
    await bench.echo(lost);
    server.drop();
    await until(
      () => lost.types().includes("disconnected"),
      PATIENCE,
      () => "The loss was not reported.",
    );
    const recovery = lost.link.recovery();
    lost.link.close();
    const next = await bench.connect({ recovery });
    await bench.echo(next);
    expect(
      typeof next.link.socket("/").isRecovered === "boolean",
      "isRecovered of a socket is no boolean. Say whether the server has recovered its state.",
    );
  },
};

function expectError(event: LinkEvent | undefined): void {
  const error = event && "error" in event ? event.error : undefined;
  expect(
    isConnectionError(error),
    `What was reported has no ConnectionError as its error. Make one, with a code and words for the application.`,
  );
  const words = isConnectionError(error)
    ? [error.message, String(error.cause), JSON.stringify(error.data)]
    : [];
  expect(
    !words.join(" ").includes(REFUSED_TOKEN),
    "The credential is in the words of the error that was reported. Take it out: errors are shown and logged.",
  );
}

function expectVerdict(event: LinkEvent | undefined): void {
  const verdict = event && "verdict" in event ? event.verdict : undefined;
  expect(
    verdict === "retry" || verdict === "refresh" || verdict === "logout",
    'What was reported has no verdict. Give "retry", "refresh" or "logout".',
  );
}
