/** @jsxImportSource solid-js */

import { useConnectionSnapshot, useSocketEvent } from "socket-rotor/solid";
import { createEffect, createResource, createSignal, type JSX, onCleanup, Show, Suspense } from "solid-js";
import { count, deferred, goAway, type Shared, signOut } from "../connect.js";
import { ConnectionProvider, useConnection } from "./context.js";
import { Widget } from "./widget.js";

function Button(props: { name: string; onClick: () => void }) {
  return (
    <button type="button" onClick={() => props.onClick()}>
      {props.name}
    </button>
  );
}

function Owned() {
  const [isMounted, setMounted] = createSignal(true);
  return (
    <>
      <Button name="mount" onClick={() => setMounted(!isMounted())} />
      <Show when={isMounted()}>
        <Widget />
      </Show>
    </>
  );
}

/** It waits for a resource before it is mounted, and for another one after that. */
function Suspended() {
  const [wait, setWait] = createSignal(deferred());
  const [resource] = createResource(wait, async ({ promise }) => {
    await promise;
    return "";
  });
  return (
    <>
      <Button name="resolve" onClick={() => wait().resolve()} />
      <Button name="suspend" onClick={() => setWait(deferred())} />
      <Suspense fallback={<p>waiting</p>}>
        {resource()}
        <Widget />
      </Suspense>
    </>
  );
}

function Attempts() {
  const connection = useConnection();
  const counting = useConnectionSnapshot(
    connection,
    ({ attempt }) => ({ attempt }),
    (before, now) => before.attempt === now.attempt,
  );
  const isOver = useConnectionSnapshot(connection, ({ status }) => status === "loggedOut");
  createEffect(() => {
    if (counting().attempt + Number(isOver()) >= 0) count("renders");
  });
  return (
    <output>
      {counting().attempt} {String(isOver())}
    </output>
  );
}

/** A component that looks at little of the snapshot, beside one that shows all. */
function Selected() {
  const connection = useConnection();
  const snapshot = useConnectionSnapshot(connection);
  onCleanup(connection.subscribe(() => count("changes")));
  return (
    <>
      <p>{snapshot().status}</p>
      <Button name="stop" onClick={() => connection.disconnect()} />
      <Button name="start" onClick={() => connection.connect()} />
      <Button name="sign out" onClick={() => void connection.logout()} />
      <Attempts />
    </>
  );
}

function Listening() {
  const connection = useConnection();
  const { socket } = connection;
  const [heard, setHeard] = createSignal<readonly string[]>([]);
  const hear = (what: string): void => void setHeard([...heard(), what]);
  useSocketEvent(socket, "tick", () => hear("tick"));
  useSocketEvent(socket, "connect", () => hear("connect"));
  useSocketEvent(socket, "disconnect", (reason) => hear(`disconnect(${reason})`));
  useSocketEvent(socket, "dropped", (event, code) => hear(`dropped(${event}, ${code})`));
  return (
    <>
      <Button name="away" onClick={() => goAway(connection)} />
      <Button name="sign out" onClick={() => signOut(connection)} />
      <output>{heard().join(" ")}</output>
    </>
  );
}

function Events() {
  const { socket } = useConnection();
  const [isMounted, setMounted] = createSignal(true);
  return (
    <>
      <Button name="mount" onClick={() => setMounted(!isMounted())} />
      <Button name="left" onClick={() => count(`left${socket.listeners("tick").length}`)} />
      <Show when={isMounted()}>
        <Listening />
      </Show>
    </>
  );
}

function Shown() {
  const status = useConnectionSnapshot(useConnection(), (snapshot) => snapshot.status);
  return <output>{status()}</output>;
}

const ALONE: Readonly<Record<string, () => JSX.Element>> = { owned: Owned, suspended: Suspended };
const BELOW: Readonly<Record<string, () => JSX.Element>> = {
  selected: Selected,
  events: Events,
  shown: Shown,
};

/** A scenario; what has no connection of its own is given one. */
export function Scenario(props: { name: string; connection: Shared | undefined }) {
  const alone = ALONE[props.name];
  const Below = BELOW[props.name];
  if (alone) return alone();
  if (!Below || !props.connection) throw new Error(`There is no scenario "${props.name}".`);
  return (
    <ConnectionProvider connection={props.connection}>
      <Below />
    </ConnectionProvider>
  );
}
