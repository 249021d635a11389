import { isConnectionError } from "../../errors.js";
import type { Link, ReauthenticationAnswer } from "../../links/io-adapter.js";
import { expect, until, within } from "../contract.js";
import { REFUSED_TOKEN } from "../contract-server.js";
import { type OpenedLink, PATIENCE } from "../io-fixture.js";
import type { IoChecks } from "./checks.js";

/** How a link is settled, and given another token. */
export const SETTLING: IoChecks = {
  "settle resolves when the server has read what was written": async (fixture) => {
    const { link } = await fixture.connect();
    const socket = link.socket("/");
    for (const event of ["one", "two", "three"]) {
      expect(
        socket.write({ event, args: ["x".repeat(10_000)] }),
        "write() answered false on a link that is connected.",
      );
    }
    await settled(link, new AbortController().signal);
    expect(
      ["one", "two", "three"].every((event) => fixture.count(event) === 1),
      "settle() resolved before the server had read what was written. Ask the server for something, and wait for its answer; packets are read in order.",
    );
  },
  "settle resolves when its signal aborts, on a link that is lost or closed too": async (
    fixture,
    { server },
  ) => {
    const aborted = new AbortController();
    aborted.abort();
    const opened = await fixture.connect();
    const aborting = new AbortController();
    const settling = settled(opened.link, aborting.signal);
    aborting.abort();
    await settling;
    await settled(opened.link, aborted.signal);
    server.drop();
    await until(
      () => opened.types().includes("disconnected"),
      PATIENCE,
      () => "The loss was not reported.",
    );
    await settledByAbort(opened.link);
    opened.link.close();
    await settledByAbort(opened.link);
  },
  "the server takes another token on the same link, where ready offers it": async (fixture) => {
    const opened = await fixture.connect();
    if (!isOffered(opened)) return;
    const answer = await reauthenticated(opened.link, "another token");
    expect(
      answer.ok,
      "The server takes another token, but reauthenticate() did not answer { ok: true }. Wait for what the server says.",
    );
    await fixture.echo(opened);
  },
  "a token that the server refuses on the same link is an answer, not a rejection": async (fixture) => {
    const opened = await fixture.connect();
    if (!isOffered(opened)) return;
    const answer = await reauthenticated(opened.link, REFUSED_TOKEN);
    expect(
      !answer.ok && isConnectionError(answer.error) && typeof answer.verdict === "string",
      "The server refused a token, but reauthenticate() did not answer { ok: false } with a verdict and a ConnectionError.",
    );
  },
  "reauthenticate never rejects, not when its signal aborts, and not on a closed link": async (fixture) => {
    const opened = await fixture.connect();
    if (!isOffered(opened)) return;
    const rejections: unknown[] = [];
    const ask = (signal: AbortSignal): void => {
      try {
        opened.link
          .reauthenticate({ token: "another token" }, signal)
          .catch((error: unknown) => rejections.push(error));
      } catch (error) {
        rejections.push(error);
      }
    };
    const aborting = new AbortController();
    ask(aborting.signal);
    aborting.abort();
    ask(aborting.signal);
    ask(new AbortController().signal);
    opened.link.close();
    ask(new AbortController().signal);
    await fixture.waitAWhile();
    expect(
      rejections.length === 0,
      'reauthenticate() threw or rejected. Answer { ok: false, verdict: "replace" } where it cannot be found out.',
    );
  },
};

function isOffered({ events }: OpenedLink): boolean {
  return events.some((event) => event.type === "ready" && event.reauthenticate);
}

function reauthenticated(link: Link, token: string): Promise<ReauthenticationAnswer> {
  return within(
    link.reauthenticate({ token }, new AbortController().signal),
    PATIENCE,
    `reauthenticate() gave no answer within ${PATIENCE} ms. Answer with what the server says.`,
  );
}

async function settled(link: Link, signal: AbortSignal): Promise<void> {
  try {
    await within(link.settle(signal), PATIENCE, LATE);
  } catch (cause) {
    if (cause instanceof Error && cause.message === LATE) throw cause;
    throw new Error("settle() threw or rejected. Resolve, whatever comes of it.", { cause });
  }
}

const LATE = `settle() did not resolve within ${PATIENCE} ms. Resolve when the server has read everything, and when the signal aborts.`;

async function settledByAbort(link: Link): Promise<void> {
  const aborting = new AbortController();
  const settling = settled(link, aborting.signal);
  aborting.abort();
  await settling;
}
