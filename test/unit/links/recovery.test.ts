import type { Recovery } from "socket-rotor";
import { ConnectionError } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { linksHarness, TIMES } from "./links-harness.js";

const error = new ConnectionError("ERR_DISCONNECTED", "gone");
const RECOVERY: Recovery = new Map([["/", { pid: "1", offset: "2" }]]);

/** A link that is connected, and has something to recover. */
function connected() {
  const at = linksHarness();
  at.open(1);
  at.io.link.accept();
  at.io.link.recovery = () => RECOVERY;
  const drop = (verdict: "retry" | "refresh" = "retry"): void =>
    at.io.link.report({ type: "disconnected", verdict, error, reason: "transport close" });
  const close = (link = 1): void => at.links.handle({ type: "close", link });
  const offered = (): Recovery | undefined => at.io.link.request.recovery;
  return { ...at, drop, close, offered };
}

describe("a link is offered to recover", () => {
  test("what the last one left, where that was lost and the token is the same", () => {
    const { drop, close, open, offered } = connected();
    drop();
    close();
    open(2);
    expect(offered()).toBe(RECOVERY);
  });

  test("what the last one left, where the server did not answer a check", async () => {
    const { io, links, clock, close, open, offered } = connected();
    io.isSettlingAtOnce = false;
    links.handle({ type: "check", link: 1 });
    await clock.advance(2_000);
    close();
    open(2);
    expect(offered()).toBe(RECOVERY);
  });

  test("the same again, where the link that it was offered to never presented its token", () => {
    const { io, drop, close, open, offered, events } = connected();
    drop();
    close();
    const made = io.open.bind(io);
    // No network: the handshake is never made.
    io.open = (request, report) => made({ ...request, credential: () => null }, report);
    open(2);
    io.link.report({ type: "failed", error });
    expect(events.at(-1)).toMatchObject({ type: "io.ended", link: 2, verdict: "retry" });
    close(2);
    open(3);
    expect(offered()).toBe(RECOVERY);
  });

  test("the same again, where the server took too long before that", async () => {
    const { io, clock, drop, close, open, offered, events } = connected();
    drop();
    close();
    const made = io.open.bind(io);
    io.open = (request, report) => made({ ...request, credential: () => null }, report);
    open(2);
    await clock.advance(TIMES.timeout);
    expect(events.at(-1)).toMatchObject({ link: 2, code: "ERR_CONNECT_TIMEOUT" });
    close(2);
    open(3);
    expect(offered()).toBe(RECOVERY);
  });

  test("F1 G7 nothing with another token", () => {
    const { drop, close, open, offered, storage } = connected();
    drop();
    close();
    storage.write("second");
    open(2);
    expect(offered()).toBeUndefined();
  });

  test("F1 nothing of a link that the statechart has closed", () => {
    const { close, open, offered } = connected();
    close();
    open(2);
    expect(offered()).toBeUndefined();
  });

  test("F1 nothing of a link whose token was refused", () => {
    const { drop, close, open, offered } = connected();
    drop("refresh");
    close();
    open(2);
    expect(offered()).toBeUndefined();
  });

  test("F1 nothing after the application has ended the connection", () => {
    const { links, drop, close, open, offered } = connected();
    drop();
    close();
    links.handle({ type: "forget" });
    open(2);
    expect(offered()).toBeUndefined();
  });

  test("F1 nothing twice", async () => {
    const { drop, close, open, offered } = connected();
    drop();
    close();
    open(2);
    close(2);
    open(3);
    await promisesSettled();
    expect(offered()).toBeUndefined();
  });
});
