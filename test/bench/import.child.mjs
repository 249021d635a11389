// @ts-check
// Imports a client in a fresh process, connects by it, and prints what that took.
const [module = "", url = "", token = ""] = process.argv.slice(2);

const heap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** @param {typeof import("socket-rotor") & typeof import("socket.io-client")} library - One of the two. */
function connect(library) {
  const socketOptions = { transports: ["websocket"] };
  if (library.createConnection === undefined) {
    const socket = library.io(url, { ...socketOptions, auth: { token } });
    return new Promise((resolve) => socket.once("connect", () => resolve(undefined)));
  }
  const storage = library.memoryStorage(token);
  return library.createConnection({ url, storage, socketOptions, logger: {} }).whenConnected();
}

const [heapBefore, cpuBefore, begun] = [heap(), cpu(), performance.now()];
const library = await import(module);
const [time, cpuOfImport] = [performance.now() - begun, cpu() - cpuBefore];
const heapOfImport = heap() - heapBefore;

const [cpuThen, then] = [cpu(), performance.now()];
await connect(library);
const connected = { cpu: cpuOfImport + cpu() - cpuThen, time: time + performance.now() - then };
console.log(
  JSON.stringify({
    time,
    cpu: cpuOfImport,
    heap: heapOfImport,
    connectedTime: connected.time,
    connectedCpu: connected.cpu,
  }),
);
process.exit();
