import { useMachine } from "@xstate/vue";
import { connectionLogic, connectionOf } from "socket-rotor";
import { type App, createApp, h, reactive } from "vue";
import type { BindingPage } from "../page-api.js";
import { input, root } from "./input.js";

const Chart = {
  setup() {
    const { snapshot, actorRef } = useMachine(connectionLogic, { input });
    // As a store would hold it.
    const store = reactive({ actorRef });
    const { socket } = connectionOf(store.actorRef);
    return () => h("output", `${JSON.stringify(snapshot.value.value)} ${socket.connected}`);
  },
};

let app: App | undefined;
const page: BindingPage = {
  show(name) {
    app?.unmount();
    app = name === undefined ? undefined : createApp(Chart);
    app?.mount(root());
  },
};
Object.assign(window, { page });
