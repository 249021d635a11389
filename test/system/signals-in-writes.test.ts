import type { StorageAdapter } from "socket-rotor";
import { expect, test } from "vitest";
import { connectTo } from "./fixture/client";
import { startServer } from "./fixture/server";

/** A promise that the test resolves. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test.each(["refresh", "login"] as const)(
  "F35 a server hears nothing from somebody whose sign-in a %s writes over, and the sender is told",
  async (by) => {
    const server = await startServer();
    const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
    const grace = await server.tokens.issue("grace");
    let held: string | null = first;
    let signal = (): void => {};
    const begun = gate();
    const landing = gate();
    const storage: StorageAdapter = {
      read: async () => held,
      async write(token) {
        begun.open();
        await landing.opened;
        held = token;
        signal();
      },
      subscribe(listener) {
        signal = listener;
        return () => {};
      },
    };
    const connection = connectTo(server, { storage, refresh: async () => second });
    await connection.whenConnected();
    const dropped: unknown[] = [];
    connection.socket.on("dropped", (...args: unknown[]) => dropped.push(args));
    const done = by === "refresh" ? connection.refresh() : connection.login(second);
    await begun.opened;
    held = grace;
    signal();
    connection.socket.emit("message", "grace's");
    const answered = connection.socket.emitWithAck("save", "grace's too");
    landing.open();
    await expect(answered).rejects.toMatchObject({ code: "ERR_IDENTITY_CHANGED" });
    await done;
    await connection.socket.emitWithAck("save", "ada's");
    expect(server.log.all("read").map(({ user, args }) => [user, args[0]])).toEqual([["ada", "ada's"]]);
    expect(dropped).toEqual([["message", "ERR_IDENTITY_CHANGED"]]);
  },
);
