// @ts-check
// Imports a module in a fresh process, and prints what that took.
const [module = ""] = process.argv.slice(2);

const heap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
const heapBefore = heap();
const cpuBefore = process.cpuUsage();
const begun = performance.now();
await import(module);
const time = performance.now() - begun;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(JSON.stringify({ time, cpu: (user + system) / 1_000, heap: heap() - heapBefore }));
