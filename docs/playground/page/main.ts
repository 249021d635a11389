import { showChart } from "./chart-history.js";
import { showClients } from "./clients.js";
import { showHints } from "./hints.js";
import { showOverview } from "./overview.js";
import { bindWorld } from "./world.js";

showHints();
bindWorld();
// Before the clients are there, so that their first steps are seen.
showOverview();
showChart();
showClients();
