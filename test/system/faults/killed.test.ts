import { memoryStorage } from "socket-rotor";
import { expect, test } from "vitest";
import { startServer } from "../fixture/server";
import { startChild } from "../leaks/child";
import { startHarness } from "./fixture/harness";

/** A server in a process of its own, which answers `echo` and leaves everything else without an answer. */
async function startProcess() {
  const child = startChild("server.child.ts");
  return { child, url: await child.line() };
}

test.each(["polling", "websocket"] as const)(
  "over %s a server process that is killed, and one that takes its place, again and again",
  async (transport) => {
    const last = await startServer();
    const storage = memoryStorage(await last.tokens.issue("ada"));
    let now = await startProcess();
    const { connection, network, ask, endsIn } = await startHarness(last, { transport, storage });
    network.leadTo(now.url);
    for (const round of [1, 2]) {
      await connection.whenConnected();
      expect(await connection.socket.emitWithAck("echo", round)).toBe(round);
      const written = ask();
      // A message after it on the same link has been answered, so that it was written.
      await connection.socket.emitWithAck("echo", round);
      now.child.process.kill("SIGKILL");
      expect(await now.child.ended).toMatchObject({ signal: "SIGKILL" });
      expect(await written).toBe("ERR_LINK_CLOSED");
      if (round === 1) now = await startProcess();
      const queued = ask();
      network.leadTo(round === 1 ? now.url : last.url);
      if (round === 2) expect(await queued).toBe("resolved");
    }
    await endsIn("connected.steady");
  },
);
