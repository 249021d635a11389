import { type ConnectionOptions, createConnection, memoryStorage } from "socket-rotor";
import { checkSetup } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { untyped } from "../../support/untyped.js";
import { until, untilIn } from "../fixture/client.js";
import { startApp } from "./fixture/app.js";
import { connectBy, signIn } from "./fixture/program.js";

/** A connection as a page has it, in Node: with the marker of a session, and no cookie. */
function connectTo(url: string, options: Partial<ConnectionOptions> = {}) {
  const warnings: string[] = [];
  const connection = createConnection({
    url,
    storage: { ...memoryStorage("marker"), credential: "cookie" },
    reconnectionDelay: 1,
    reconnectionDelayMax: 20,
    logger: { warn: (line) => warnings.push(line) },
    ...options,
  });
  onTestFinished(() => connection.dispose());
  return { connection, warnings };
}

describe("F33 a path that does not fit", () => {
  test("of the client is told with the status and the option", async () => {
    const app = await startApp({ server: { path: "/api/socket.io" } });
    const { connection } = connectTo(app.url);
    const { error } = await until(connection, ({ error }) => error !== undefined);
    expect(error).toMatchObject({ code: "ERR_TRANSPORT", status: 404 });
    expect(error?.message).toContain("socketOptions.path");
  });

  test("in the address is a namespace: the log says so, and names the option", async () => {
    const app = await startApp({ server: { path: "/api/socket.io" } });
    const { connection, warnings } = connectTo(`${app.url}/api`, {
      socketOptions: { path: "/api/socket.io" },
    });
    const { error } = await until(connection, ({ error }) => error !== undefined);
    expect(error).toMatchObject({ code: "ERR_REFUSED", message: "Invalid namespace" });
    expect(warnings).toEqual([expect.stringMatching(/no namespace \/api\..*socketOptions\.path/)]);
    expect(app.live()).toEqual([]);
  });

  test("of the cookie is an error when the session is shared", async () => {
    await expect(startApp({ session: { cookie: { path: "/app" } } })).rejects.toMatchObject({
      code: "ERR_SERVER_SETUP",
      message: expect.stringContaining('leave the option "cookie.path" at "/"'),
    });
  });
});

describe("F33 the session middleware given once more", () => {
  test.each(["io.use", "io.engine.use"])(
    "to %s is told with the line to take out, and nobody gets in without a session",
    async (where) => {
      const app = await startApp({
        change: (io, middleware) =>
          where === "io.use" ? io.use(untyped(middleware)) : io.engine.use(middleware),
      });
      const { connection } = connectTo(app.url);
      const { status } = await untilIn(connection, "loggedOut.signedOut");
      expect(status).toBe("loggedOut");
      expect(app.log.join("\n")).toContain("Take io.use(session) and io.engine.use(session) out");
      expect(checkSetup(app.io).map(({ code }) => code)).toContain("session_middleware_twice");
      expect(app.live()).toEqual([]);
    },
  );

  test("to io.use fails on each socket, which refuses it and does not end the process", async () => {
    const app = await startApp({ change: (io, middleware) => io.use(untyped(middleware)) });
    const { connection } = connectBy(app, await signIn(app, "ada"));
    const { error } = await until(connection, ({ error }) => error !== undefined);
    expect(error).toMatchObject({ code: "ERR_REFUSED", reason: "temporarily_unavailable" });
    expect(app.log.join("\n")).toMatch(/A middleware of "\/" threw a TypeError.*io\.use/);
  });
});
