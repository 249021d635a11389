import { act, createElement, type FunctionComponent, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import type { Connection } from "socket-rotor";
import {
  createConnectionContext,
  useConnectionSnapshot,
  useOwnedConnection,
  useSocketEvent,
} from "socket-rotor/react";
import { expect, onTestFinished, test } from "vitest";
import { connectedRig, rig } from "../../support/connections.js";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

/** Shows a component under StrictMode; answers with its text, and with how to take it away. */
async function show(component: FunctionComponent) {
  const element = document.createElement("div");
  const root = createRoot(element);
  let isShown = true;
  const end = async (): Promise<void> => {
    if (isShown) await act(async () => root.unmount());
    isShown = false;
  };
  onTestFinished(end);
  await act(async () => root.render(createElement(StrictMode, {}, createElement(component))));
  return { text: () => element.textContent, end };
}

test("F23 a connection of a component's own is made once under StrictMode, and disposed of with it", async () => {
  const made: Connection[] = [];
  const make = (): Connection => {
    const { connection } = rig();
    made.push(connection);
    return connection;
  };
  const { text, end } = await show(() => useConnectionSnapshot(useOwnedConnection(make)).status);
  expect([text(), made.length]).toEqual(["connecting", 1]);
  await end();
  expect(() => made[0]?.of("/")).toThrow("disposed");
});

test("a selector may be another function each time, and make another object each time", async () => {
  const { connection, io } = await connectedRig();
  let renders = 0;
  const { text } = await show(() => {
    renders += 1;
    const { isUp } = useConnectionSnapshot(
      connection,
      ({ status }) => ({ isUp: status === "connected" }),
      (before, now) => before.isUp === now.isUp,
    );
    return String(isUp);
  });
  expect(text()).toBe("true");
  await act(async () => connection.disconnect());
  expect(text()).toBe("false");
  const before = renders;
  await act(async () => connection.connect());
  expect([connection.status, renders]).toEqual(["connecting", before]);
  await act(async () => io.link.accept());
  expect(text()).toBe("true");
});

test("the listener of the last rendering is called, and none once the component is gone", async () => {
  const { connection, io } = rig("first", { autoConnect: false });
  const heard: string[] = [];
  const { end } = await show(() => {
    const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
    useSocketEvent(connection.socket, "disconnect", (reason) => heard.push(`${status}: ${reason}`));
    return status;
  });
  expect(connection.socket.listeners("disconnect")).toHaveLength(1);
  await act(async () => connection.connect());
  await act(async () => io.link.accept());
  await act(async () => connection.disconnect());
  expect(heard).toEqual(["connected: io client disconnect"]);
  await end();
  expect(connection.socket.listeners("disconnect")).toEqual([]);
});

test("on a server a connection shows as idle, and one of a component's own is not made", async () => {
  const { connection } = await connectedRig();
  const { ConnectionProvider, useConnection } = createConnectionContext();
  const Page = (): string => {
    const own = useOwnedConnection(() => expect.unreachable("it was made"));
    return `${useConnectionSnapshot(useConnection()).status} ${useConnectionSnapshot(own).status}`;
  };
  expect(renderToString(createElement(ConnectionProvider, { connection }, createElement(Page)))).toBe(
    "idle idle",
  );
  expect(() => renderToString(createElement(Page))).toThrow("no ConnectionProvider");
});
