import { mount, unmount } from "svelte";
import type { BindingPage } from "../page-api.js";
import Chart from "./chart.svelte";
import { root } from "./input.js";

let shown: ReturnType<typeof mount> | undefined;
const page: BindingPage = {
  show(name) {
    if (shown) void unmount(shown);
    shown = name === undefined ? undefined : mount(Chart, { target: root() });
  },
};
Object.assign(window, { page });
