// What a server that renders pages does with a storage of the browser's. Ends by itself, or is found to hang.
import { cookieStorage, createConnection, webStorage } from "../../../src/index.js";

const [kind = "", how = ""] = process.argv.slice(2);
const storage = kind === "webStorage" ? webStorage("accessToken") : cookieStorage("accessToken");
const warnings: string[] = [];
const connection = createConnection({
  url: "http://127.0.0.1:1",
  storage,
  autoConnect: how === "started",
  reconnectionDelay: 5,
  reconnectionDelayMax: 5,
  logger: { warn: (line) => warnings.push(line) },
});
const report = (): void => {
  const { status, detail, error } = connection.getSnapshot();
  console.log(JSON.stringify({ state: `${status}.${detail}`, code: error?.code, warnings }));
};
if (how === "stopped") {
  // Rendered, and forgotten: nobody disposes of it.
  connection.socket.emit("hello");
  report();
} else {
  let reads = 0;
  connection.subscribe(() => {
    if (connection.getSnapshot().detail === "waiting") reads += 1;
    if (reads < 5) return;
    report();
    connection.dispose();
  });
}
