import { createActorContext, useActorRef, useMachine, useSelector } from "@xstate/react";
import { Activity, Component, type ReactNode, StrictMode, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { type Connection, type ConnectionActor, connectionLogic, connectionOf } from "socket-rotor";
import { enter, LEAVES, recover, type Surroundings, settled, surroundings } from "../../../support/leaves.js";
import type { ReactPage } from "../page-api.js";
import { input, root } from "./input.js";

function Shown({ actor }: { actor: ConnectionActor }) {
  const value = useSelector(actor, (snapshot) => snapshot.value);
  const { socket } = connectionOf(actor);
  const [heard, setHeard] = useState(0);
  // A child's effect: it runs before the actor starts.
  useEffect(() => {
    const onWelcome = (): void => setHeard((before) => before + 1);
    socket.on("welcome", onWelcome);
    connectionOf(actor).of("/chat").emit("joined");
    return () => void socket.off("welcome", onWelcome);
  }, [actor, socket]);
  return (
    <output>
      {JSON.stringify(value)} {heard}
    </output>
  );
}

function Ref() {
  return <Shown actor={useActorRef(connectionLogic, { input })} />;
}

function Machine() {
  const [snapshot, , actor] = useMachine(connectionLogic, { input });
  return (
    <>
      <Shown actor={actor} />
      <p>{JSON.stringify(snapshot.value)}</p>
    </>
  );
}

const Provided = createActorContext(connectionLogic, { input });
function InContext() {
  return <Shown actor={Provided.useActorRef()} />;
}

const throwing = connectionLogic.provide({
  guards: {
    isCurrentLink() {
      throw new Error("a guard that throws");
    },
  },
});
function Throwing() {
  const [, , actor] = useMachine(throwing, { input });
  return <Shown actor={actor} />;
}

/** Never connects, if it were asked. */
const copy = connectionLogic.provide({ guards: { isCurrentLink: () => false } });
let toggle = (): void => {};
function Toggling() {
  const [isCopy, setCopy] = useState(false);
  toggle = () => setCopy((before) => !before);
  return <Shown actor={useActorRef(isCopy ? copy : connectionLogic, { input })} />;
}

class Boundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render(): ReactNode {
    return "error" in this.state ? <p role="alert">{String(this.state.error)}</p> : this.props.children;
  }
}

/** A component whose connection is in other hands, for `restartIn`. */
function Held({ at, onReady }: { at: Surroundings; onReady: (actor: ConnectionActor) => void }) {
  const actor = useActorRef(connectionLogic, { input: at.input, clock: at.clock });
  useEffect(() => onReady(actor), [actor, onReady]);
  return null;
}

const COMPONENTS: Readonly<Record<string, ReactNode>> = {
  useActorRef: <Ref />,
  useMachine: <Machine />,
  createActorContext: (
    <Provided.Provider>
      <InContext />
    </Provided.Provider>
  ),
  throwing: (
    <Boundary>
      <Throwing />
    </Boundary>
  ),
  toggling: (
    <>
      <Toggling />
      <Ref />
    </>
  ),
};

let reactRoot: Root | undefined;
let isHidden = false;
let shown: ReactNode;
function draw(): void {
  reactRoot ??= createRoot(root());
  const mounted = reactRoot;
  flushSync(() =>
    mounted.render(
      <StrictMode>
        <Activity mode={isHidden ? "hidden" : "visible"}>{shown}</Activity>
      </StrictMode>,
    ),
  );
}

const pathOf = (value: unknown): string =>
  typeof value === "string"
    ? value
    : Object.entries(Object(value))
        .map(([name, child]) => `${name}.${pathOf(child)}`)
        .join();

const page: ReactPage = {
  show(name) {
    isHidden = false;
    shown = name === undefined ? null : COMPONENTS[name];
    draw();
  },
  hide(next) {
    isHidden = next;
    draw();
  },
  toggle: () => flushSync(() => toggle()),
  async restartIn(path) {
    const leaf = LEAVES[path];
    if (!leaf) throw new Error(`There is no leaf ${path}.`);
    const at = surroundings(leaf);
    let made: ConnectionActor | undefined;
    const onReady = (actor: ConnectionActor): void => {
      made = actor;
    };
    isHidden = false;
    shown = <Held key={path} at={at} onReady={onReady} />;
    draw();
    await settled();
    if (!made) throw new Error("The component was not mounted.");
    const actor: ConnectionActor = made;
    const connection: Connection = connectionOf(actor);
    await enter(leaf, at, connection);
    const reached = pathOf(actor.getSnapshot().value);
    page.hide(true);
    for (let turn = 0; turn < 5; turn += 1) await settled();
    const hidden = [at.io.links.length, at.listeners, at.clock.timers];
    page.hide(false);
    for (let turn = 0; turn < 5; turn += 1) await settled();
    const { status, most, arrived } = await recover(at, connection);
    page.show(undefined);
    return { reached, hidden, status, most, arrived };
  },
};
Object.assign(window, { page });
