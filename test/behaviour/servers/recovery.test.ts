import { type EnvironmentSignal, memoryStorage } from "socket-rotor";
import { expect, test } from "vitest";
import { connectTo } from "../../system/fixture/client";
import { startServer } from "../../system/fixture/server";

/** A connection to a server that recovers states, which was told one thing, and a page that can be woken up. */
async function newsReader() {
  const server = await startServer({ options: { connectionStateRecovery: {} } });
  const signals = new Set<(signal: EnvironmentSignal) => void>();
  const connection = connectTo(server, {
    storage: memoryStorage(await server.tokens.issue("ada")),
    environment: {
      subscribe(onSignal) {
        signals.add(onSignal);
        return () => {
          signals.delete(onSignal);
        };
      },
    },
  });
  const heard: number[] = [];
  const waiting = new Map<number, () => void>();
  connection.socket.on("news", (number: number) => {
    heard.push(number);
    waiting.get(number)?.();
  });
  /** Sends one more, and waits until it is heard. */
  const tell = async (number: number): Promise<void> => {
    const isHeard = new Promise<void>((resolve) => waiting.set(number, resolve));
    server.io.emit("news", number);
    await isHeard;
  };
  /** Resolves with whether the state was recovered. */
  const again = (): Promise<boolean> =>
    new Promise((resolve) => connection.socket.once("connect", () => resolve(connection.socket.recovered)));
  const wakeUp = (): void => {
    for (const signal of signals) signal("page.resumed");
  };
  await connection.whenConnected();
  await tell(1);
  return { server, heard, tell, again, wakeUp };
}

test("what is held when the link drops is recovered with the state", async () => {
  const { server, heard, tell, again, wakeUp } = await newsReader();
  // The page wakes up: what comes in is held until the link has proved to be alive.
  wakeUp();
  server.io.emit("news", 2);
  server.io.emit("news", 3);
  server.drop();
  expect(await again()).toBe(true);
  await tell(4);
  expect(heard).toEqual([1, 2, 3, 4]);
});

test("a state that was recovered is recovered again, also when nothing has come in between", async () => {
  const { server, heard, tell, again } = await newsReader();
  server.drop();
  expect(await again()).toBe(true);
  server.drop();
  server.io.emit("news", 2);
  expect(await again()).toBe(true);
  await tell(3);
  expect(heard).toEqual([1, 2, 3]);
});
