import { describe, expect, test } from "vitest";
import { startChild } from "../leaks/child.js";

const CHILD = "../runtimes/server-rendering.child.ts";
const ENDED = { code: 0, signal: null, complaints: "" };

describe.each(["webStorage", "cookieStorage"])("F26 on a server, with %s", (kind) => {
  test("autoConnect: false touches nothing, and the process ends though nobody disposes", async () => {
    const child = startChild(CHILD, [kind, "stopped"]);
    expect(JSON.parse(await child.line())).toEqual({ state: "idle.stopped", warnings: [] });
    expect(await child.ended).toEqual(ENDED);
  });

  test("a connection that is started tries again, signs nobody out, and says what to do, once", async () => {
    const child = startChild(CHILD, [kind, "started"]);
    const { state, code, warnings } = JSON.parse(await child.line());
    expect([state, code]).toEqual(["connecting.waiting", "ERR_STORAGE_UNAVAILABLE"]);
    expect(warnings).toEqual([expect.stringMatching(/this runtime has n.*autoConnect: false/)]);
    expect(await child.ended).toEqual(ENDED);
  });
});
