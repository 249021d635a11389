import { createComponent } from "solid-js";
import { hydrate, render } from "solid-js/web";
import { asked, connect, isAlone, root } from "../connect.js";
import { Scenario } from "./scenarios.js";

const { scenario, isRendered } = asked();
const connection = isAlone(scenario) ? undefined : connect();
// The server knew nothing of it, and the page is hydrated even so.
if (isRendered) await connection?.whenConnected();
(isRendered ? hydrate : render)(() => createComponent(Scenario, { name: scenario, connection }), root());
