import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { withoutWords } from "../../scripts/without-words.js";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Builds what a browser loads in production into `.production`, for the projects of vitest.config.ts that run on it. */
export async function setup(): Promise<void> {
  await build({
    entryPoints: { index: at("src/index.ts"), machines: at("machines/index.ts") },
    outdir: at(".production"),
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    packages: "external",
    sourcemap: true,
    logLevel: "error",
    plugins: [withoutWords],
  });
}
