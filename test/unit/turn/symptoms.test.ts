import { describe, expect, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { collectUncaught } from "../../support/uncaught.js";
import { connectedHarness, tokenOf, userOf } from "./harness.js";

const disconnecting = (how: "a listener of `connect`" | "a subscriber") => async () => {
  const { connection, io, arrived, reconnected } = await connectedHarness();
  const { socket } = connection;
  connection.disconnect();
  let answer: Promise<unknown> | undefined;
  let isDone = false;
  const run = (): void => {
    if (isDone || !socket.connected) return;
    isDone = true;
    connection.disconnect();
    expect(socket.connected).toBe(false);
    answer = socket.emitWithAck("after", "after");
  };
  if (how === "a subscriber") connection.subscribe(run);
  else socket.on("connect", run);
  connection.connect();
  await promisesSettled();
  expect([connection.status, io.links.length, arrived("after")]).toEqual(["idle", 0, []]);
  connection.connect();
  await reconnected();
  expect(await answer).toBe("after");
};

describe("a command in a listener", () => {
  test(
    "G11 F36 disconnect() in a listener of `connect`: nothing emitted next leaves on that link, and its answer comes",
    disconnecting("a listener of `connect`"),
  );

  test(
    "F36 disconnect() in a subscriber: nothing emitted next leaves on that link, and its answer comes",
    disconnecting("a subscriber"),
  );

  test("F36 connect() in a listener of `disconnect`: the socket is active", async () => {
    const { connection, reconnected } = await connectedHarness();
    const { socket } = connection;
    const seen: boolean[] = [];
    socket.once("disconnect", () => seen.push(socket.active, socket.connect().active));
    connection.disconnect();
    expect(seen).toEqual([false, true]);
    await reconnected();
    expect(connection.status).toBe("connected");
  });

  test.each([
    ["connection.connect()", "connection"],
    ["socket.connect()", "socket"],
  ] as const)("F36 %s while dispose() tells of the end makes no uncaught error", async (_, through) => {
    const { connection, io } = await connectedHarness();
    const connect = (): unknown =>
      through === "socket" ? connection.socket.connect() : connection.connect();
    connection.socket.on("disconnect", connect);
    connection.socket.on("dropped", connect);
    connection.subscribe(connect);
    expect(
      await collectUncaught(() => {
        connection.dispose();
        expect(connect).toThrow(expect.objectContaining({ code: "ERR_DISPOSED" }));
      }),
    ).toEqual([]);
    expect(io.links).toEqual([]);
  });

  test.each(["connection", "namespace"])(
    "F36 a listener of `disconnect` of the %s is called before disconnect() returns, as by Socket.IO",
    async (which) => {
      const { connection, io } = await connectedHarness();
      const socket = which === "namespace" ? connection.of("/chat") : connection.socket;
      await promisesSettled();
      const order: string[] = [];
      socket.on("disconnect", () => order.push("disconnect"));
      socket.on("news", () => {
        socket.disconnect();
        order.push("news");
      });
      io.last?.sendIn(which === "namespace" ? "/chat" : "/", "news");
      expect(order).toEqual(["disconnect", "news"]);
    },
  );

  test("F36 a listener of `disconnect` is called before disconnect() in a listener of `connect` returns", async () => {
    const { connection } = await connectedHarness();
    const { socket } = connection;
    connection.disconnect();
    const order: string[] = [];
    socket.on("disconnect", () => order.push("disconnect"));
    socket.on("connect", () => {
      socket.disconnect();
      order.push("connect");
    });
    connection.connect();
    await promisesSettled();
    expect(order).toEqual(["disconnect", "connect"]);
  });

  test.each(["connection", "namespace"])(
    "F36 after login(bob) in a listener of the %s what is emitted is Bob's",
    async (which) => {
      const { connection, io, arrived } = await connectedHarness({}, true);
      const socket = which === "namespace" ? connection.of("/chat") : connection.socket;
      await promisesSettled();
      socket.once("news", () => {
        connection.login(tokenOf("bob")).catch(() => {});
        socket.emit("after", "after");
      });
      io.last?.sendIn(which === "namespace" ? "/chat" : "/", "news");
      await promisesSettled();
      expect(arrived("after")).toMatchObject([{ user: "bob" }]);
    },
  );
});

describe("after login(bob), while his token is stored,", () => {
  test("F36 where nobody is signed in what is emitted waits for his link", async () => {
    const { connection, arrived } = await connectedHarness({}, true);
    await connection.logout();
    await promisesSettled();
    expect(connection.status).toBe("loggedOut");
    const signedIn = connection.login(tokenOf("bob"));
    const answer = connection.socket.emitWithAck("after", "after");
    await signedIn;
    expect(await answer).toBe("after");
    expect(arrived("after")).toMatchObject([{ user: "bob" }]);
  });

  test("F36 where that fails, it is dropped and told, and nobody's message waits", async () => {
    const { connection, arrived, storage } = await connectedHarness({}, true);
    await connection.logout();
    await promisesSettled();
    storage.write = () => Promise.reject(new Error("full"));
    const signedIn = connection.login(tokenOf("bob"));
    const answer = connection.socket.emitWithAck("after");
    const told = expect(answer).rejects.toMatchObject({ code: "ERR_IDENTITY_CHANGED" });
    await expect(signedIn).rejects.toMatchObject({ code: "ERR_STORAGE_WRITE" });
    await told;
    await expect(connection.socket.emitWithAck("after")).rejects.toMatchObject({ code: "ERR_LOGGED_OUT" });
    expect(arrived("after")).toEqual([]);
  });

  test("F36 logout() drops it as signed out", async () => {
    const { connection, arrived } = await connectedHarness({}, true);
    connection.login(tokenOf("bob")).catch(() => {});
    const answer = connection.socket.emitWithAck("after");
    const told = expect(answer).rejects.toMatchObject({ code: "ERR_LOGGED_OUT" });
    await connection.logout();
    await told;
    await promisesSettled();
    expect([connection.status, arrived("after")]).toEqual(["loggedOut", []]);
  });

  test("F36 of two sign-ins each keeps what is emitted after it: the first's is dropped, the second's arrives", async () => {
    const { connection, arrived } = await connectedHarness({}, true);
    connection.login(tokenOf("bob")).catch(() => {});
    const first = connection.socket.emitWithAck("first");
    const told = expect(first).rejects.toMatchObject({ code: "ERR_IDENTITY_CHANGED" });
    const signedIn = connection.login(tokenOf("carol"));
    const second = connection.socket.emitWithAck("after", "after");
    await signedIn;
    await told;
    expect(await second).toBe("after");
    expect([arrived("first"), arrived("after")]).toMatchObject([[], [{ user: "carol" }]]);
  });

  test.each(["fails", "is written over"])(
    "F36 where login() without a token comes after it, and its write %s, it is dropped and told",
    async (how) => {
      const { connection, arrived, storage } = await connectedHarness({}, true);
      await connection.logout();
      await promisesSettled();
      storage.write = async () => {
        if (how === "fails") throw new Error("full");
      };
      connection.login(tokenOf("bob")).catch(() => {});
      const answer = connection.socket.emitWithAck("after");
      const told = expect(answer).rejects.toMatchObject({ code: "ERR_IDENTITY_CHANGED" });
      await connection.login();
      await told;
      expect([connection.status, arrived("after")]).toEqual(["loggedOut", []]);
    },
  );

  test("G3 nothing comes in, and no reply leaves, on the link of the user before", async () => {
    const { connection, io } = await connectedHarness({}, true);
    const heard: unknown[] = [];
    let reply = (_: string): void => {};
    connection.socket.on("question", (answer: typeof reply) => {
      reply = answer;
    });
    connection.socket.on("news", (news) => heard.push(news));
    io.last?.send("question", (answer: string) => heard.push(answer));
    const signedIn = connection.login(tokenOf("bob"));
    io.last?.send("news", "of alice");
    reply("bob's");
    await signedIn;
    await promisesSettled();
    expect([connection.status, heard]).toEqual(["connected", []]);
  });

  test("F36 two newer tokens of the same user lose nothing", async () => {
    const { connection, arrived } = await connectedHarness({}, true);
    connection.login(tokenOf("alice", 2)).catch(() => {});
    const first = connection.socket.emitWithAck("after", 1);
    await connection.login(tokenOf("alice", 3));
    expect(await first).toBe(1);
    expect(arrived("after")).toMatchObject([{ user: "alice" }]);
  });
});

test("F36 logout() in `identify`, with an asynchronous storage, is not undone by the token that was read", async () => {
  let run = (): void => {};
  const identify = (token: string): string | undefined => {
    run();
    return userOf(token);
  };
  const { connection, storage, io } = await connectedHarness({ identify }, true);
  run = () => {
    run = () => {};
    // It hangs, so that only what is known by now counts.
    storage.write = () => new Promise(() => {});
    connection.logout().catch(() => {});
  };
  storage.set(tokenOf("alice", 2));
  await promisesSettled();
  expect([connection.status, io.links]).toEqual(["loggedOut", []]);
});

describe("in XState's own observers, which run inside the step,", () => {
  test.each(["actor.subscribe()", "actor.system.inspect()"])(
    "F36 with %s disconnect() closes the gate before it returns, and the chart follows",
    async (by) => {
      const { connection, io, arrived, reconnected } = await connectedHarness();
      let answer: Promise<unknown> | undefined;
      let isDone = false;
      const run = (): void => {
        if (isDone || !connection.socket.connected) return;
        isDone = true;
        connection.disconnect();
        answer = connection.socket.emitWithAck("after", "after");
      };
      if (by === "actor.subscribe()") connection.actor.subscribe(run);
      else connection.actor.system.inspect(run);
      // A step that is none of ours.
      connection.actor.send({ type: "refresh" });
      await promisesSettled();
      expect([connection.status, io.links.length, arrived("after")]).toEqual(["idle", 0, []]);
      connection.connect();
      await reconnected();
      expect(await answer).toBe("after");
    },
  );

  test.each(["login", "logout", "dispose"] as const)(
    "F36 %s() closes the gate for the user before",
    async (command) => {
      const { connection, arrived } = await connectedHarness();
      let isDone = false;
      connection.actor.subscribe(() => {
        if (isDone) return;
        isDone = true;
        if (command === "login") connection.login(tokenOf("bob")).catch(() => {});
        else if (command === "logout") connection.logout().catch(() => {});
        else connection.dispose();
        connection.socket.emit("after", "after");
      });
      connection.actor.send({ type: "refresh" });
      await promisesSettled();
      expect(arrived("after")).toMatchObject(command === "login" ? [{ user: "bob" }] : []);
    },
  );
});
