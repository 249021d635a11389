import { type IoAdapter, memoryStorage, type StorageAdapter } from "socket-rotor";
import { connectionModel, type ModelCase, type ModelOptions } from "socket-rotor/testing";
import { describe, expect, test, vi } from "vitest";

/** The cases of the smallest graph that begin so. */
function casesOf(beginning: string, options: ModelOptions): ModelCase[] {
  const all = connectionModel({ ...options, setups: ["without refresh"] });
  const chosen = all.filter(({ name }) => name.startsWith(`without refresh: ${beginning}`));
  expect(chosen.length).toBeGreaterThan(0);
  return chosen;
}

async function runAll(beginning: string, options: ModelOptions): Promise<void> {
  for (const { run } of casesOf(beginning, options)) await run();
}

/** A store that answers in its own time, without `write`. */
function slowStorage() {
  let stored: string | null = null;
  const adapter: StorageAdapter = {
    read: () => new Promise((resolve) => setImmediate(() => resolve(stored))),
    subscribe: () => () => {},
  };
  const set = async (token: string | null): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    stored = token;
  };
  return { adapter, set };
}

describe("the connection model passes", () => {
  test("with a storage that takes its time and cannot be written", async () => {
    await runAll("connected.steady, token", { storage: slowStorage });
  });

  test("with an IO adapter around the given one", async () => {
    let opened = 0;
    const io = (inner: IoAdapter): IoAdapter => ({
      open(request, report) {
        opened += 1;
        return inner.open(request, report);
      },
    });
    await runAll("connecting.opening", { io });
    expect(opened).toBeGreaterThan(0);
  });

  test("with a statechart that has delays of its own", async () => {
    let asked = 0;
    const reconnectionDelay = (): number => {
      asked += 1;
      return 5;
    };
    await runAll("connecting.waiting, after", {
      extend: (machine) => machine.provide({ delays: { reconnectionDelay } }),
    });
    expect(asked).toBeGreaterThan(0);
  });
});

describe("the connection model fails", () => {
  test("where a storage answers with what it held before", async () => {
    const storage = () => {
      const adapter = memoryStorage();
      let before: string | null = null;
      const stale: StorageAdapter = {
        ...adapter,
        read() {
          const answer = before;
          before = adapter.read();
          return answer;
        },
      };
      return { adapter: stale, set: (token: string | null) => adapter.write(token) };
    };
    await expect(runAll("connected.steady, token", { storage })).rejects.toThrow(
      /The connection model is broken: "without refresh: connected\.steady, token/,
    );
  });

  test("where an IO adapter writes each message twice", async () => {
    const io = (inner: IoAdapter): IoAdapter => ({
      open(request, report) {
        const link = inner.open(request, report);
        return {
          ...link,
          socket(namespace) {
            const socket = link.socket(namespace);
            const { write } = socket;
            socket.write = (message) => write(message) && write(message);
            return socket;
          },
        };
      },
    });
    await expect(runAll("connected.steady", { io })).rejects.toThrow("not in order, or twice (G4)");
  });

  test("where an IO adapter presents the token of the link before", async () => {
    const io = (inner: IoAdapter): IoAdapter => {
      let last: object | null = null;
      return {
        open: (request, report) =>
          inner.open(
            {
              ...request,
              credential() {
                const current = request.credential();
                const presented = last ?? current;
                last = current;
                return presented;
              },
            },
            report,
          ),
      };
    };
    await expect(runAll("connected.steady", { io })).rejects.toThrow("not the newest (G2)");
  });

  test("where a statechart does not close what it should, and says after which steps", async () => {
    const options: ModelOptions = {
      extend: (machine) => machine.provide({ actions: { closeLinks: () => {} } }),
    };
    await expect(runAll("connected.steady, token.removed", options)).rejects.toThrow(
      /open where 0 may be \(G1\)[\s\S]*after these steps:\n\{"type":"connect"\}/,
    );
  });
});

test("the connection model says what differs, a line each, and what to do", async () => {
  const storage = () => {
    const adapter = memoryStorage();
    return { adapter: { ...adapter, read: () => null }, set: (token: string | null) => adapter.write(token) };
  };
  const failure = await runAll("connected.steady, token", { storage }).catch((error: Error) => error.message);
  expect(failure).toMatch(
    /contracts:\n( {2}[^\n]+: expected .+, got .+\n)+Run storageContract or ioContract/,
  );
  expect(failure).toMatch(/ {2}state: expected .+, got .+/);
  expect(failure).toMatch(/\nthe last one in "?[^\n]{1,80}$/);
});

test("a settled that does not resolve ends the case", async () => {
  vi.useFakeTimers();
  const [first] = casesOf("connected.steady, token", { settled: () => new Promise(() => {}) });
  const failure = expect(first?.run()).rejects.toThrow("settled() did not resolve within 10000 ms.");
  await vi.advanceTimersByTimeAsync(10_000);
  await failure;
  vi.useRealTimers();
});

test("the cases are told apart by their names", () => {
  const names = connectionModel({ setups: ["without refresh"] }).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
