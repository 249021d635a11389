import { hydrate, mount } from "svelte";
import { asked, connect, isAlone, root } from "../connect.js";
import Scenario from "./scenario.svelte";

const { scenario, isRendered } = asked();
const connection = isAlone(scenario) ? undefined : connect();
// The server knew nothing of it, and the page is hydrated even so.
if (isRendered) await connection?.whenConnected();
(isRendered ? hydrate : mount)(Scenario, { target: root(), props: { name: scenario, connection } });
