import { createElement, Fragment, StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { asked, connect, isAlone, root } from "../connect.js";
import { Scenario } from "./scenarios.js";

const { scenario, isRendered } = asked();
const connection = isAlone(scenario) ? undefined : connect();
// StrictMode mounts twice also what was suspended and is back.
const mode = scenario === "suspended" ? Fragment : StrictMode;
const page = createElement(mode, {}, createElement(Scenario, { name: scenario, connection }));
if (isRendered) {
  // The server knew nothing of it, and the page is hydrated even so.
  await connection?.whenConnected();
  hydrateRoot(root(), page, { onRecoverableError: (error) => console.error(error) });
} else createRoot(root()).render(page);
