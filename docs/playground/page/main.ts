import { showClients } from "./clients.js";
import { showHints } from "./hints.js";
import { bindWorld } from "./world.js";

showHints();
bindWorld();
showClients();
