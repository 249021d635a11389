import { describe, expect, test } from "vitest";
import { rig } from "../support/connections.js";
import { promisesSettled } from "../support/manual-clock.js";
import { recordingLogger } from "../support/recording-logger.js";

describe("the log", () => {
  const lines = async (options: Parameters<typeof rig>[1], token: string | null = "first") => {
    const logger = recordingLogger();
    const made = rig(token, { ...options, logger });
    await promisesSettled();
    return { ...made, lines: logger.lines };
  };

  test("http: to a host that is not local is logged once", async () => {
    for (const url of ["http://example.com", "ws://example.com:3000/chat"]) {
      const { lines: all, io, storage } = await lines({ url });
      io.link.accept();
      storage.write("second");
      expect(
        all.filter((line) => line.startsWith("warn") && line.includes("example.com unencrypted")),
      ).toHaveLength(1);
    }
    for (const url of [
      "https://example.com",
      "wss://example.com",
      "http://localhost:3000",
      "http://app.localhost",
      "http://127.0.0.1",
      "http://[::1]:80",
    ]) {
      expect((await lines({ url })).lines.filter((line) => line.includes("unencrypted"))).toEqual([]);
    }
  });

  test("signed out is told once, with what guests can do", async () => {
    const { lines: all, connection, storage } = await lines({}, null);
    storage.write("first");
    storage.write(null);
    connection.disconnect();
    connection.connect();
    expect(all.filter((line) => line.startsWith("info"))).toEqual([expect.stringContaining("guest token")]);
  });

  test("each transition is one line", async () => {
    const { lines: all, io } = await lines({});
    io.link.accept();
    const debug = all.filter((line) => line.startsWith("debug"));
    expect(debug).toEqual([...new Set(debug)]);
    expect(debug).toContain("debug [socket-rotor] io.connected: connecting.opening → connected.steady");
  });
});
