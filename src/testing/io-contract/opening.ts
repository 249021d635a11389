import { isConnectionError } from "../../errors.js";
import type { LinkEvent } from "../../links/io-adapter.js";
import { isFunction, property } from "../../value.js";
import { expect, until } from "../contract.js";
import { REFUSED_TOKEN } from "../contract-server.js";
import { type OpenedLink, PATIENCE } from "../io-fixture.js";
import type { IoChecks } from "./checks.js";

const METHODS = ["socket", "reauthenticate", "settle", "recovery", "close"];

/** What a link is opened with, presents, and reports. */
export const OPENING: IoChecks = {
  "open answers with a link that has every method": async (fixture) => {
    const { link } = fixture.open();
    const missing = METHODS.filter((method) => !isFunction(property(link, method)));
    expect(missing.length === 0, `The link lacks ${missing.join(", ")}. Give it every method of Link.`);
  },
  "a server that cannot be reached is reported as failed, and open does not throw": async (
    fixture,
    { unreachable },
  ) => {
    const { events, types } = fixture.open({ io: unreachable });
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
  "connected is reported, then ready, each once": async (fixture) => {
    const opened = await fixture.connect();
    await fixture.echo(opened);
    await fixture.waitAWhile();
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
  "every namespace of the request is joined, and no other": async (fixture) => {
    const alone = await fixture.connect({ namespaces: ["/second"] });
    await fixture.echo(alone, "/second");
    expect(
      fixture.handshakes("/").length === 0,
      'The namespace "/" was joined without having been asked for. The first of request.namespaces is the primary one.',
    );
    alone.link.close();
    const both = await fixture.connect({ namespaces: ["/", "/second"] });
    // Before anybody asks for its socket.
    await until(
      () => fixture.handshakes("/second").some((token) => both.asked.includes(token)),
      PATIENCE,
      () =>
        "A namespace of the request was joined only when its socket was asked for. Join each of request.namespaces when the link opens.",
    );
    await fixture.echo(both);
    await fixture.echo(both, "/second");
  },
  "two links are open at once, and one is closed without the other": async (fixture) => {
    const [one, other] = [await fixture.connect(), await fixture.connect()];
    await fixture.echo(one);
    await fixture.echo(other);
    one.link.close();
    await fixture.echo(other);
    expect(
      other.ends().length === 0,
      "Closing one link had an effect on another one. Let links share nothing that ends with one of them.",
    );
  },
  "each CONNECT carries a credential of its own, asked for when it is sent": async (fixture) => {
    const opened = await fixture.connect({ namespaces: ["/"] });
    const before = opened.asked.length;
    await fixture.echo(opened, "/second");
    const [first = "", second = ""] = [...fixture.handshakes("/"), ...fixture.handshakes("/second")];
    expect(
      opened.asked.includes(first) && opened.asked.includes(second),
      "The server was sent something other than what request.credential() answered. Send that, under its own names.",
    );
    expect(
      opened.asked.indexOf(second) >= before,
      "A namespace that was joined later was sent an older credential. Ask request.credential() again for each CONNECT, and keep no answer.",
    );
  },
  "a credential of null sends nothing": async (fixture) => {
    const { types } = fixture.open({ token: () => null });
    let token: string | null = "current";
    const joined = await fixture.connect({ token: () => token });
    token = null;
    joined.link.socket("/second");
    await fixture.echo(joined);
    await fixture.waitAWhile();
    const sent = fixture.handshakes();
    expect(
      sent.every((each) => each !== "null" && each !== "undefined") && sent.length === 2,
      "The server was asked to connect though request.credential() answered null: the token is not current any more. Send nothing.",
    );
    expect(types().length === 0, "A link without a credential reported something. Let it wait to be closed.");
  },
  "a link that is closed while it asks for a credential sends nothing": async (fixture) => {
    let opened: OpenedLink | undefined;
    let isClosed = false;
    opened = fixture.open({
      token() {
        // An adapter that asks within open() has no link yet that could be closed.
        isClosed = opened !== undefined;
        opened?.link.close();
        return "of a closed link";
      },
    });
    await fixture.waitAWhile();
    expect(
      !isClosed || !fixture.handshakes().includes("of a closed link"),
      "request.credential() closed the link, and its answer was still sent. Look whether the link is closed after asking.",
    );
  },
  "a refusal is reported as refused, once, without the credential": async (fixture) => {
    const { events, types } = fixture.open({ namespaces: ["/", "/second"], token: () => REFUSED_TOKEN });
    await until(
      () => types().length > 0,
      PATIENCE,
      () => {
        return `The server refused the link, but nothing was reported within ${PATIENCE} ms. Report "refused".`;
      },
    );
    await fixture.waitAWhile();
    expect(types().join() === "refused", `It reported ${types().join(", ")} instead of "refused", once.`);
    expectError(events[0]);
    expectVerdict(events[0]);
  },
  "a connection that is lost is reported as disconnected, once, and its sockets are not connected": async (
    fixture,
    { server },
  ) => {
    const opened = await fixture.connect({ namespaces: ["/", "/second"] });
    await fixture.echo(opened, "/second");
    server.drop();
    await until(
      () => opened.ends().length > 0,
      PATIENCE,
      () => {
        return `The connection was cut, but nothing was reported within ${PATIENCE} ms. Report "disconnected".`;
      },
    );
    await fixture.waitAWhile();
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
  "what an earlier link has left can be offered to the next one": async (fixture, { server }) => {
    const waiting = fixture.open({ token: () => null });
    expect(
      waiting.link.recovery() === undefined,
      "recovery() of a link that never connected answered with something. Answer with undefined.",
    );
    const lost = await fixture.connect();
    await fixture.echo(lost);
    server.drop();
    await until(
      () => lost.types().includes("disconnected"),
      PATIENCE,
      () => "The loss was not reported.",
    );
    const recovery = lost.link.recovery();
    lost.link.close();
    const next = await fixture.connect({ recovery });
    await fixture.echo(next);
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
