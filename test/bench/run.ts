import { run } from "./harness/command.js";
import { connections } from "./connections.js";
import { firstConnection } from "./first-connection.js";

await run([firstConnection, connections]);
