// The server in a process of its own, so that its heap is out of the measure. Ends when its input does.
import { startServer } from "./server.js";

const { url } = await startServer();
console.log(url);
process.stdin.on("end", () => process.exit(0)).resume();
