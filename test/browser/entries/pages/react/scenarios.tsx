import {
  Activity,
  Component,
  type ReactNode,
  Suspense,
  use,
  useEffect,
  useLayoutEffect,
  useState,
  useTransition,
} from "react";
import { createConnection, memoryStorage } from "socket-rotor";
import { useConnectionSnapshot, useOwnedConnection, useSocketEvent } from "socket-rotor/react";
import { count, deferred, goAway, type Shared, signOut } from "../connect.js";
import { ConnectionProvider, useConnection } from "./context.js";
import { Widget } from "./widget.js";

function Button({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <button type="button" onClick={onClick}>
      {name}
    </button>
  );
}

/** Mounted and unmounted, hidden by an Activity and shown again. */
function Owned() {
  const [isMounted, setMounted] = useState(true);
  const [isHidden, setHidden] = useState(false);
  return (
    <>
      <Button name="mount" onClick={() => setMounted(!isMounted)} />
      <Button name="hide" onClick={() => setHidden(!isHidden)} />
      <Activity mode={isHidden ? "hidden" : "visible"}>{isMounted && <Widget />}</Activity>
    </>
  );
}

function Waiting({ promise }: { promise: Promise<void> }) {
  use(promise);
  return <Widget />;
}

/** Suspended before it is mounted, and again after that. */
function Suspended() {
  const [{ promise, resolve }, setWait] = useState(deferred);
  return (
    <>
      <Button name="resolve" onClick={() => resolve()} />
      <Button name="suspend" onClick={() => setWait(deferred())} />
      <Suspense fallback={<p>waiting</p>}>
        <Waiting promise={promise} />
      </Suspense>
    </>
  );
}

function Attempts() {
  const connection = useConnection();
  const { attempt } = useConnectionSnapshot(
    connection,
    (snapshot) => ({ attempt: snapshot.attempt }),
    (before, now) => before.attempt === now.attempt,
  );
  const isOver = useConnectionSnapshot(connection, (snapshot) => snapshot.status === "loggedOut");
  useEffect(() => count("renders"));
  return (
    <output>
      {attempt} {String(isOver)}
    </output>
  );
}

function Whole() {
  const connection = useConnection();
  const { status } = useConnectionSnapshot(connection);
  useEffect(() => connection.subscribe(() => count("changes")), [connection]);
  return <p>{status}</p>;
}

/** A component that looks at little of the snapshot, beside one that shows all. */
function Selected() {
  const connection = useConnection();
  return (
    <>
      <Button name="stop" onClick={() => connection.disconnect()} />
      <Button name="start" onClick={() => connection.connect()} />
      <Button name="sign out" onClick={() => void connection.logout()} />
      <Whole />
      <Attempts />
    </>
  );
}

function Slow() {
  const connection = useConnection();
  const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
  for (const end = performance.now() + 10; performance.now() < end; );
  return <i>{status}</i>;
}

/** A long transition, in the middle of which the connection is stopped. */
function Torn() {
  const connection = useConnection();
  const [amount, setAmount] = useState(1);
  const [, start] = useTransition();
  useLayoutEffect(() => {
    const seen = new Set([...document.querySelectorAll("i")].map(({ textContent }) => textContent));
    if (seen.size > 1) count("torn");
  });
  const begin = (): void => {
    start(() => setAmount(40));
    setTimeout(() => connection.disconnect(), 100);
  };
  return (
    <>
      <Button name="begin" onClick={begin} />
      <output>{amount}</output>
      {Array.from({ length: amount }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they look alike
        <Slow key={index} />
      ))}
    </>
  );
}

/** All events that there are by themselves, told where the listener is gone too. */
function Events() {
  const { socket } = useConnection();
  const [isMounted, setMounted] = useState(true);
  return (
    <>
      <Button name="mount" onClick={() => setMounted(!isMounted)} />
      <Button name="left" onClick={() => count(`left${socket.listeners("tick").length}`)} />
      {isMounted && <Listening />}
    </>
  );
}

function Listening() {
  const connection = useConnection();
  const { socket } = connection;
  const [heard, setHeard] = useState<readonly string[]>([]);
  const hear = (what: string): void => setHeard((before) => [...before, what]);
  useSocketEvent(socket, "tick", () => hear("tick"));
  useSocketEvent(socket, "connect", () => hear("connect"));
  useSocketEvent(socket, "disconnect", (reason) => hear(`disconnect(${reason})`));
  useSocketEvent(socket, "dropped", (event, code) => hear(`dropped(${event}, ${code})`));
  return (
    <>
      <Button name="away" onClick={() => goAway(connection)} />
      <Button name="sign out" onClick={() => signOut(connection)} />
      <output>{heard.join(" ")}</output>
    </>
  );
}

function Shown() {
  return <output>{useConnectionSnapshot(useConnection(), ({ status }) => status)}</output>;
}

const UNDER_A_PROVIDER: Readonly<Record<string, () => ReactNode>> = {
  selected: Selected,
  torn: Torn,
  events: Events,
  shown: Shown,
};
class Boundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render(): ReactNode {
    return "error" in this.state ? <p role="alert">{String(this.state.error)}</p> : this.props.children;
  }
}

function Wrong() {
  return (
    <Boundary>
      <Misconfigured />
    </Boundary>
  );
}

function Misconfigured() {
  useOwnedConnection(() => createConnection({ url: "/?token=x", storage: memoryStorage() }));
  return null;
}

const ALONE: Readonly<Record<string, () => ReactNode>> = {
  owned: Owned,
  suspended: Suspended,
  wrong: Wrong,
};

/** A scenario; what has no connection of its own is given one. */
export function Scenario({ name, connection }: { name: string; connection: Shared | undefined }): ReactNode {
  const Alone = ALONE[name];
  if (Alone) return <Alone />;
  const Below = UNDER_A_PROVIDER[name];
  if (!Below || !connection) throw new Error(`There is no scenario "${name}".`);
  return (
    <ConnectionProvider connection={connection}>
      <Below />
    </ConnectionProvider>
  );
}
