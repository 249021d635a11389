/**
 * A node in a process of its own: `node.child.ts <redis> <name>`. Prints its address; a line on its standard input, or
 * the end of it, sends everybody away and ends it.
 */
import { once } from "node:events";
import { drain } from "socket-rotor/server";
import { startNode } from "./fixture/node.js";

const [redis = "", name = ""] = process.argv.slice(2);
const node = await startNode(
  { redis, storeTimeout: 2_000, share: { recheckInterval: 200 } },
  // It ends by itself.
  () => {},
);
node.io.on("connection", (socket) => {
  socket.on("save", async (message: string, saved: (name: string) => void) => {
    await node.redis.rPush("saved", message);
    saved(name);
  });
});
// Something is on its way to the other nodes whenever Redis is killed.
setInterval(() => node.io.emit("tick"), 20);
console.log(node.url);
await once(process.stdin, "data");
await drain(node.io, { within: 500 });
await node.close();
process.exit();
