import { createApp, createSSRApp } from "vue";
import { asked, connect, isAlone, root } from "../connect.js";
import { scenarioOf } from "./scenarios.js";

const { scenario, isRendered } = asked();
const connection = isAlone(scenario) ? undefined : connect();
// The server knew nothing of it, and the page is hydrated even so.
if (isRendered) await connection?.whenConnected();
const create = isRendered ? createSSRApp : createApp;
create(scenarioOf(scenario, connection)).mount(root());
