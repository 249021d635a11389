import {
  ConnectionError,
  createConnection,
  type Environment,
  type IoAdapter,
  type LinkEvent,
  memoryStorage,
} from "socket-rotor";
import { connectionMachine } from "socket-rotor/machines";
import { accept, fakeIo } from "socket-rotor/testing";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createActor } from "xstate";
import { takeLeaks } from "../quality/canary/record.js";
import { rig } from "../support/connections.js";
import { handMadeIo } from "../support/hand-made-io.js";
import { promisesSettled } from "../support/manual-clock.js";
import { recordingLogger } from "../support/recording-logger.js";
import { jwt } from "../support/tokens.js";
import { untyped } from "../support/untyped.js";

// An error below is made here while the file is loaded, and where files share their modules the others' tokens are looked for.
beforeAll(() => void takeLeaks());

/** An IO adapter that reports within `open`, before anybody has its link. */
function hastyIo(...events: LinkEvent[]): IoAdapter & { opened: number; closed: number } {
  const { open } = fakeIo(accept());
  const io = {
    opened: 0,
    closed: 0,
    open(...[request, report]: Parameters<IoAdapter["open"]>) {
      io.opened += 1;
      request.credential();
      for (const event of events) report(event);
      const link = open(request, () => {});
      const close = (): void => {
        io.closed += 1;
        link.close();
      };
      return { ...link, close };
    },
  };
  return io;
}

describe("an IO adapter that reports within open", () => {
  test("is heard: failed, which is tried again after the delay", async () => {
    const error = new ConnectionError("ERR_TRANSPORT", "No route.");
    const io = hastyIo({ type: "failed", error });
    const { connection } = rig("first", { io });
    await promisesSettled();
    expect(connection.getSnapshot()).toMatchObject({ detail: "waiting", error: { message: "No route." } });
    expect([io.opened, io.closed]).toEqual([1, 1]);
  });

  test("G9: and whose question ends everything is closed", async () => {
    const io = hastyIo({ type: "connected" });
    const made = rig("first", {
      io,
      autoConnect: false,
      auth(token) {
        made.connection.dispose();
        return { token };
      },
    });
    made.connection.connect();
    await promisesSettled();
    expect([io.opened, io.closed, made.connection.status]).toEqual([1, 1, "idle"]);
  });
});

test("a time to stay away that is none is none for the statechart either, whatever its links actor is", () => {
  for (const retryAfter of [untyped<number>("5s"), Number.NaN, -1, Infinity]) {
    const actor = createActor(connectionMachine).start();
    onTestFinished(() => void actor.stop());
    actor.send({ type: "connect" });
    actor.send({ type: "token.changed", version: 1, isOtherUser: false });
    actor.send({
      type: "io.ended",
      link: 1,
      version: 1,
      verdict: "retry",
      code: "ERR_REFUSED",
      retryAfter,
    });
    const { value, context } = actor.getSnapshot();
    expect([value, context.retryAfter]).toEqual([{ connecting: "waiting" }, null]);
  }
});

describe("what an IO adapter reports reaches the application without tokens", () => {
  const token = jwt({ sub: "alice" });
  const leaking = new ConnectionError("ERR_REFUSED", `refused: ${token}`, {
    cause: new Error(`because of ${token}`),
    reason: token,
    data: { seen: [token] },
    status: 401,
  });
  /** Everything that can be read off an error. */
  const words = (error: unknown): string =>
    JSON.stringify(error, (_, value: unknown) =>
      value instanceof Error
        ? { ...value, message: value.message, stack: value.stack, cause: value.cause }
        : value,
    );
  const events: LinkEvent[] = [
    { type: "failed", error: leaking },
    { type: "refused", verdict: "logout", error: leaking },
    { type: "disconnected", verdict: "retry", error: leaking, reason: `closed ${token}` },
  ];

  test.each(events)("$type", (event) => {
    const inspected: unknown[] = [];
    const { connection, io } = rig(token, { inspect: (seen) => inspected.push(Reflect.get(seen, "event")) });
    const heard: unknown[] = [];
    connection.socket.on("connect_error", (error) => heard.push(error));
    connection.socket.on("disconnect", (reason) => heard.push(reason));
    if (event.type === "disconnected") io.link.accept();
    io.link.report(event);
    const { error } = connection.getSnapshot();
    expect(error).toMatchObject({ code: "ERR_REFUSED", message: "refused: [redacted]", status: 401 });
    expect(heard).toHaveLength(1);
    expect(words([error, heard, inspected])).not.toContain(token.slice(0, 12));
  });

  test("the refusal of a namespace", () => {
    const { connection, io } = rig(token);
    const heard: unknown[] = [];
    connection.of("/admin").on("connect_error", (error) => heard.push(error));
    io.link.accept();
    io.link.sockets.get("/admin")?.listener()?.onRefused(leaking, true);
    expect(heard).toMatchObject([{ code: "ERR_REFUSED", message: "refused: [redacted]" }]);
    expect(words(heard)).not.toContain(token.slice(0, 12));
  });

  test("an answer to a re-authentication", async () => {
    const { connection, io, storage } = rig(token);
    io.link.accept({ reauthenticate: true });
    storage.write(jwt({ sub: "alice", jti: 2 }));
    await promisesSettled();
    io.link.asked.at(-1)?.answer({ ok: false, verdict: "logout", error: leaking });
    await promisesSettled();
    expect(connection.getSnapshot().error).toMatchObject({ message: "refused: [redacted]" });
  });

  test("something that is no ConnectionError becomes one", () => {
    const { connection, io } = rig(token);
    io.link.report({ type: "failed", error: untyped(new Error(`raw ${token}`)) });
    const { error } = connection.getSnapshot();
    expect(error).toMatchObject({ code: "ERR_TRANSPORT", cause: { message: "raw [redacted]" } });
  });
});

describe("an environment", () => {
  const environments: [what: string, environment: Environment, words: RegExp][] = [
    [
      "that throws",
      {
        subscribe() {
          throw new Error("no window");
        },
      },
      /environment's subscribe\(\) failed.*no window/,
    ],
    [
      "that gives back no function",
      { subscribe: () => untyped(undefined) },
      /must give back the function.*undefined/,
    ],
  ];
  test.each(environments)(
    "%s is logged once, and the connection goes on",
    async (_what, environment, words) => {
      const logger = recordingLogger();
      const io = handMadeIo();
      const connection = createConnection({
        url: "https://api.example.com",
        storage: memoryStorage("first"),
        io,
        environment,
        logger,
      });
      onTestFinished(() => connection.dispose());
      io.link.accept();
      expect(connection.status).toBe("connected");
      const warnings = logger.lines.filter((line) => line.startsWith("warn"));
      expect(warnings).toEqual([expect.stringMatching(words)]);
      connection.dispose();
    },
  );
});
