import { useConnectionSnapshot, useSocketEvent } from "socket-rotor/vue";
import { type Component, defineComponent, h, KeepAlive, onScopeDispose, onUpdated, ref, Suspense } from "vue";
import { count, deferred, goAway, type Shared, signOut } from "../connect.js";
import { provideConnection, useConnection } from "./context.js";
import Widget from "./own-widget.vue";

const button = (name: string, onClick: () => void) => h("button", { type: "button", onClick }, name);

/** Mounted and unmounted, kept alive while it is not shown. */
const Owned = defineComponent(() => {
  const isMounted = ref(true);
  const isHidden = ref(false);
  return () => [
    button("mount", () => {
      isMounted.value = !isMounted.value;
    }),
    button("hide", () => {
      isHidden.value = !isHidden.value;
    }),
    isMounted.value ? h(KeepAlive, () => (isHidden.value ? h("hr") : h(Widget))) : undefined,
  ];
});

const Suspended = defineComponent(() => {
  const { promise, resolve } = deferred();
  const Waiting = defineComponent({
    async setup() {
      await promise;
      return () => h(Widget);
    },
  });
  return () => [
    button("resolve", resolve),
    h(Suspense, null, { default: () => h(Waiting), fallback: () => h("p", "waiting") }),
  ];
});

const Attempts = defineComponent(() => {
  const connection = useConnection();
  const counting = useConnectionSnapshot(
    connection,
    ({ attempt }) => ({ attempt }),
    (before, now) => before.attempt === now.attempt,
  );
  const isOver = useConnectionSnapshot(connection, ({ status }) => status === "loggedOut");
  onUpdated(() => count("renders"));
  return () => h("output", `${counting.value.attempt} ${isOver.value}`);
});

/** A component that looks at little of the snapshot, beside one that shows all. */
const Selected = defineComponent(() => {
  const connection = useConnection();
  onScopeDispose(connection.subscribe(() => count("changes")));
  const Whole = defineComponent(() => {
    const snapshot = useConnectionSnapshot(connection);
    return () => h("p", snapshot.value.status);
  });
  return () => [
    button("stop", () => connection.disconnect()),
    button("start", () => connection.connect()),
    button("sign out", () => void connection.logout()),
    h(Whole),
    h(Attempts),
  ];
});

const Listening = defineComponent(() => {
  const connection = useConnection();
  const { socket } = connection;
  const heard = ref<string[]>([]);
  useSocketEvent(socket, "tick", () => heard.value.push("tick"));
  useSocketEvent(socket, "connect", () => heard.value.push("connect"));
  useSocketEvent(socket, "disconnect", (reason) => heard.value.push(`disconnect(${reason})`));
  useSocketEvent(socket, "dropped", (event, code) => heard.value.push(`dropped(${event}, ${code})`));
  return () => [
    button("away", () => goAway(connection)),
    button("sign out", () => signOut(connection)),
    h("output", heard.value.join(" ")),
  ];
});

const Events = defineComponent(() => {
  const { socket } = useConnection();
  const isMounted = ref(true);
  return () => [
    button("mount", () => {
      isMounted.value = !isMounted.value;
    }),
    button("left", () => count(`left${socket.listeners("tick").length}`)),
    isMounted.value ? h(Listening) : undefined,
  ];
});

const Shown = defineComponent(() => {
  const status = useConnectionSnapshot(useConnection(), (snapshot) => snapshot.status);
  return () => h("output", status.value);
});

const ALONE: Readonly<Record<string, Component>> = { owned: Owned, suspended: Suspended };
const BELOW: Readonly<Record<string, Component>> = { selected: Selected, events: Events, shown: Shown };

/** A scenario; what has no connection of its own is given one. */
export function scenarioOf(name: string, connection: Shared | undefined): Component {
  const alone = ALONE[name];
  if (alone) return alone;
  const below = BELOW[name];
  if (!below || !connection) throw new Error(`There is no scenario "${name}".`);
  return defineComponent(() => {
    provideConnection(connection);
    return () => h(below);
  });
}
