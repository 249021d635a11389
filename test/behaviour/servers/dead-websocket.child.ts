// Connects, says so, and disposes of the connection when it is told to. Then the process has to end by itself.
import { createConnection, memoryStorage } from "socket-rotor";

const connection = createConnection({
  url: process.argv[2] ?? "",
  storage: memoryStorage("a token"),
  logger: {},
  socketOptions: { transports: ["websocket"] },
});
await connection.whenConnected();
console.log("connected");
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();
connection.dispose();
console.log("disposed");
