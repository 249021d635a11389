import { useMachine } from "@xstate/solid";
import { connectionLogic, connectionOf } from "socket-rotor";
import { createEffect } from "solid-js";
import { render } from "solid-js/web";
import type { BindingPage } from "../page-api.js";
import { input, root } from "./input.js";

function Chart(): HTMLElement {
  const [snapshot, , actor] = useMachine(connectionLogic, { input });
  const { socket } = connectionOf(actor);
  const output = document.createElement("output");
  createEffect(() => {
    output.textContent = `${JSON.stringify(snapshot.value)} ${socket.connected}`;
  });
  return output;
}

let end: (() => void) | undefined;
const page: BindingPage = {
  show(name) {
    end?.();
    end = name === undefined ? undefined : render(Chart, root());
  },
};
Object.assign(window, { page });
