import { run } from "./harness/command.js";
import { connections } from "./connections.js";
import { firstConnection } from "./first-connection.js";
import { traffic } from "./traffic.js";
import { queues } from "./queues.js";
import { rotation } from "./rotation.js";

await run([firstConnection, connections, traffic, queues, rotation]);
