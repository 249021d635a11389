/** @jsxImportSource solid-js */
import { render } from "solid-js/web";
import { App } from "./app.js";

const root = document.querySelector("#app");
if (root === null) throw new Error("The page has no element #app.");
render(() => <App />, root);
