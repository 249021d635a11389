import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
import { build, type PluginOption } from "vite";
import solid from "vite-plugin-solid";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What each framework needs of Vite; plain DOM and React with StrictMode need nothing. */
const PLUGINS: Readonly<Record<string, () => PluginOption>> = {
  react: () => [],
  vue: () => vue(),
  svelte: () => svelte({ configFile: false }),
  solid: () => solid(),
  dom: () => [],
  "another-origin": () => [],
};

/** Those that are the same chat. */
export const RECIPES = Object.keys(PLUGINS).filter((name) => name !== "another-origin");

/** The files of a recipe's page by their path, built from the sources of this repository and kept in memory. */
export async function bundleRecipe(
  recipe: string,
  page = "index.html",
): Promise<Map<string, string | Uint8Array>> {
  const plugins = PLUGINS[recipe];
  if (plugins === undefined) {
    throw new Error(
      `There is no recipe "${recipe}" with a page. There are: ${Object.keys(PLUGINS).join(", ")}.`,
    );
  }
  const result = await build({
    configFile: false,
    envFile: false,
    root: at(`./${recipe}`),
    publicDir: false,
    logLevel: "error",
    plugins: [plugins()],
    resolve: {
      alias: [
        { find: /^socket-rotor$/, replacement: at("../../src/index.ts") },
        { find: /^socket-rotor\/machines$/, replacement: at("../../machines/index.ts") },
        {
          find: /^socket-rotor\/(react|vue|svelte|solid)$/,
          replacement: `${at("../../src/bindings")}/$1.ts`,
        },
      ],
    },
    build: {
      write: false,
      target: "es2022",
      modulePreload: { polyfill: false },
      rolldownOptions: { input: at(`./${recipe}/${page}`) },
    },
  });
  const files = new Map<string, string | Uint8Array>();
  for (const part of Array.isArray(result) ? result : [result]) {
    if (!("output" in part)) continue;
    for (const file of part.output) {
      files.set(`/${file.fileName}`, file.type === "chunk" ? file.code : file.source);
    }
  }
  return files;
}
