import type { build } from "vite";

/** The script of the entry in what Vite has built. */
export function entryCodeOf(built: Awaited<ReturnType<typeof build>>): string {
  for (const part of Array.isArray(built) ? built : [built]) {
    if (!("output" in part)) continue;
    const entry = part.output.find((file) => file.type === "chunk" && file.isEntry);
    if (entry?.type === "chunk") return entry.code;
  }
  throw new Error("Vite built no script for the page.");
}
