import { createConnection, sessionCookie } from "socket-rotor";
import { describe, expect, onTestFinished, test } from "vitest";
import { outcome, until, untilIn } from "../fixture/client.js";
import { startApp } from "./fixture/app.js";
import { connectBy, signIn } from "./fixture/program.js";

describe("Node has no cookies of its own:", () => {
  test("sessionCookie() is signed out there, and connects as nobody", async () => {
    const app = await startApp();
    const connection = createConnection({ url: app.url, storage: sessionCookie(), logger: {} });
    onTestFinished(() => connection.dispose());
    await untilIn(connection, "loggedOut.signedOut");
    expect(app.lines.filter((line) => line.startsWith("connect"))).toEqual([]);
  });

  test("a cookie that the program keeps is a token in a header, for each transport", async () => {
    const app = await startApp();
    const { connection } = connectBy(app, await signIn(app, "ada"));
    expect(await connection.socket.emitWithAck("ask", "who")).toBe("ada");
  });

  test("F31 a regenerated session: the program writes the new cookie, and what waits is sent once", async () => {
    const app = await startApp();
    const cookie = await signIn(app, "ada");
    const { connection, storage } = connectBy(app, cookie);
    await connection.whenConnected();
    const gone = until(connection, ({ status }) => status !== "connected");
    const next = await signIn(app, "ada", cookie);
    await gone;
    const answer = outcome(connection.socket.emitWithAck("ask", "draft"));
    storage.write(next);
    expect(await answer).toBe("resolved");
    expect(app.lines.filter((line) => line.startsWith("ask"))).toEqual(["ask draft ada 2"]);
  });

  test("F28 a destroyed session: loggedOut.rejected, and why", async () => {
    const app = await startApp();
    const cookie = await signIn(app, "ada");
    const { connection } = connectBy(app, cookie);
    await connection.whenConnected();
    await fetch(`${app.url}/sign-out`, { method: "POST", headers: { cookie } });
    const { error } = await untilIn(connection, "loggedOut.rejected");
    expect(error).toMatchObject({ code: "ERR_REFUSED", reason: "session_ended" });
  });
});
