// Rotates a real connection many times. Prints the heap, after a forced collection, at two of the rotations.
import { setImmediate } from "node:timers/promises";
import { createConnection, memoryStorage } from "../../../src/index.js";
import { jwt } from "../../support/tokens.js";

const [url = "", first = "", last = ""] = process.argv.slice(2);

const connection = createConnection({
  url,
  storage: memoryStorage(jwt({ sub: "alice", jti: 0 })),
  socketOptions: { transports: ["websocket"] },
  logger: {},
});
let heard = 0;
connection.socket.on("connect", () => {
  heard += 1;
});

async function heap(): Promise<number> {
  // What just closed gets its turn to be let go.
  for (let turn = 0; turn < 5; turn += 1) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

await connection.whenConnected();
for (let rotation = 1; rotation <= Number(last); rotation += 1) {
  await connection.login(jwt({ sub: "alice", jti: rotation }));
  await connection.whenConnected();
  if (rotation % 100 === 0) await connection.socket.emitWithAck("echo", rotation);
  if (rotation === Number(first) || rotation === Number(last))
    console.log(JSON.stringify({ rotation, heap: await heap(), heard }));
}
connection.dispose();
