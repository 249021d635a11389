import { run } from "./harness/command.js";
import { server } from "./server.js";
await run([server]);
