import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { ROOT } from "./build-edition.js";

const PACKAGES = ["socket.io", "socket.io-client", "xstate", "jose", "express-session"];

/** The kind of machine and what runs on it: no name of it, and no path. */
export function describeMachine(): string {
  const cores = availableParallelism();
  const model = (cpus()[0]?.model ?? "unknown CPU")
    .replace(/\((?:R|TM)\)|@.*$|\bCPU\b/g, "")
    .replace(/\s+/g, " ");
  const memory = Math.round(totalmem() / 2 ** 30);
  const [load = 0] = loadavg();
  const versions = PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(", ");
  const date = new Date().toISOString().slice(0, 10);
  const busy =
    load > cores / 2
      ? ` The machine had other work when the run began (load ${load.toFixed(1)}): the spread is wide, and only ratios count.`
      : "";
  return `Measured on ${date}, on ${cores} cores (${process.arch}, ${model.trim()}), ${memory} GB of memory, ${process.platform}, Node ${process.versions.node}, with ${versions}.${busy}`;
}

function versionOf(name: string): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8"),
  );
  return version;
}
