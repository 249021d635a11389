import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { Server } from "socket.io";
import { build, type PluginOption } from "vite";
import { onTestFinished } from "vitest";
import { listen } from "../../support/listen.js";
import { entryCodeOf } from "../../support/vite-entry.js";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The pages, by the name of their binding; and what Vite needs for them. */
const PAGES: Readonly<Record<string, { file: string; plugins: () => PluginOption[] }>> = {
  react: { file: "pages/react.tsx", plugins: () => [] },
  vue: { file: "pages/vue.ts", plugins: () => [] },
  svelte: { file: "pages/svelte.ts", plugins: () => [svelte({ configFile: false })] },
  solid: { file: "pages/solid.ts", plugins: () => [] },
};

const bundles = new Map<string, Promise<string>>();

async function bundle(name: string): Promise<string> {
  const page = PAGES[name];
  if (!page) throw new Error(`There is no page "${name}".`);
  const built = await build({
    configFile: false,
    envFile: false,
    root: at("."),
    publicDir: false,
    logLevel: "error",
    // StrictMode mounts twice in React's development build alone.
    mode: "development",
    define: { "process.env.NODE_ENV": '"development"' },
    plugins: page.plugins(),
    resolve: {
      alias: [
        { find: /^socket-rotor$/, replacement: at("../../../src/index.ts") },
        { find: /^socket-rotor\/testing$/, replacement: at("../../../src/testing/index.ts") },
        {
          find: /^@xstate\/(vue|svelte|solid)$/,
          replacement: at("../../ecosystem/bindings/node_modules/@xstate/$1/dist/xstate-$1.esm.js"),
        },
      ],
    },
    build: { write: false, minify: false, target: "es2022", rolldownOptions: { input: at(page.file) } },
  });
  return entryCodeOf(built);
}

/** Serves a page, and a Socket.IO server that lets everybody in, until the test ends. */
export async function servePage(name: string) {
  const script = bundles.get(name) ?? bundle(name);
  bundles.set(name, script);
  const code = await script;
  const http = createServer((request, response) => {
    if (request.url === "/page.js") response.setHeader("Content-Type", "text/javascript").end(code);
    else
      response
        .setHeader("Content-Type", "text/html")
        .end(
          '<!doctype html><html lang="en"><title>bindings</title><link rel="icon" href="data:,"><div id="root"></div><script type="module" src="/page.js"></script></html>',
        );
  });
  const io = new Server(http, { serveClient: false });
  /** How many sockets there have been. */
  let handshakes = 0;
  io.on("connection", (socket) => {
    handshakes += 1;
    socket.emit("welcome");
  });
  io.of("/chat");
  const url = await listen(http);
  onTestFinished(async () => {
    http.closeAllConnections();
    await io.close();
  });
  return {
    url,
    /** How many sockets are connected in the primary namespace. */
    live: () => io.of("/").sockets.size,
    handshakes: () => handshakes,
  };
}
