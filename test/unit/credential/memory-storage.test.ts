import { memoryStorage } from "socket-rotor";
import { expect, test, vi } from "vitest";

test("it starts signed out, or with the token given", () => {
  expect([memoryStorage().read(), memoryStorage(null).read(), memoryStorage("first").read()]).toEqual([
    null,
    null,
    "first",
  ]);
});

test("it tells each subscriber of each write, and no more after its end", () => {
  const storage = memoryStorage();
  const listener = vi.fn();
  const ends = [storage.subscribe(listener), storage.subscribe(listener)];
  storage.write("first");
  expect(listener).toHaveBeenCalledTimes(2);
  ends[0]?.();
  ends[0]?.();
  storage.write(null);
  expect(listener).toHaveBeenCalledTimes(3);
  ends[1]?.();
  storage.write("second");
  expect([storage.read(), listener.mock.calls.length]).toEqual(["second", 3]);
});

test("a subscriber hears of a write after it has happened, and may end while it listens", () => {
  const storage = memoryStorage();
  const heard: Array<string | null> = [];
  const end = storage.subscribe(() => {
    end();
    heard.push(storage.read());
  });
  storage.subscribe(() => heard.push(storage.read()));
  storage.write("first");
  expect(heard).toEqual(["first", "first"]);
});
