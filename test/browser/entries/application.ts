import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
import type { Browser, Page } from "playwright";
import { Server } from "socket.io";
import { createServer as createVite, type PluginOption } from "vite";
import solid from "vite-plugin-solid";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { launchChromium, listenTo } from "../../support/chromium.js";
import { listen } from "../../support/listen.js";
import type { ServerToClient } from "./pages/connect.js";

export type Framework = "react" | "vue" | "svelte" | "solid";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What Vite needs for each framework. That of React has a folder of its own, as its recipe needs none. */
const PLUGINS: Readonly<Record<Framework, () => Promise<PluginOption>>> = {
  react: async () => {
    const path = createRequire(at("../../ecosystem/bindings/package.json")).resolve("@vitejs/plugin-react");
    const { default: react }: { default: () => PluginOption } = await import(pathToFileURL(path).href);
    return react();
  },
  vue: async () => vue(),
  svelte: async () => svelte({ configFile: false }),
  solid: async () => solid({ ssr: true }),
};

/** What is made ready before the first page asks for it: found later, it would load the page again. */
const PACKAGES: Readonly<Record<Framework, readonly string[]>> = {
  react: ["react", "react/jsx-dev-runtime", "react-dom", "react-dom/client"],
  vue: ["vue"],
  svelte: [],
  solid: [],
};

const htmlOf = (framework: Framework, { head, body }: Rendered): string =>
  `<!doctype html><html lang="en"><head><title>application</title><link rel="icon" href="data:,">${head}</head><body><div id="root">${body}</div><script type="module" src="/${framework}/main.ts"></script></body></html>`;

/** What a server makes of a page. */
interface Rendered {
  head: string;
  body: string;
}

/** A page of an application, and what its server saw since it was opened. */
interface Opened {
  page: Page;
  /** Errors and warnings on the console, and errors that nobody caught. */
  problems(): readonly string[];
  /** How many sockets are connected now. */
  live(): number;
  /** How many there have been. */
  ever(): number;
}

export interface Application {
  /** Opens the scenario of this name; with `isRendered` the server renders it before. */
  open(scenario: string, isRendered?: boolean): Promise<Opened>;
  /** What the server renders of a scenario. */
  render(scenario: string): Promise<string>;
  /** Sends the event `tick` to every socket. */
  tick(): void;
  /** Changes a file for the rest of the tests, as a developer does. */
  edit(file: string, from: string, to: string): Promise<void>;
}

/** A framework's application for the tests of a file: on Vite's server for development, with a real Socket.IO server. */
export function useApplication(framework: Framework): Application {
  let browser: Browser;
  let folder: string;
  let url: string;
  let render: (scenario: string) => Promise<Rendered>;
  let change: (path: string) => void;
  let end = async (): Promise<void> => {};
  const http = createServer();
  const io = new Server<Record<string, never>, ServerToClient>(http, {
    serveClient: false,
    destroyUpgrade: false,
  });
  let handshakes = 0;
  io.on("connection", () => {
    handshakes += 1;
  });

  beforeAll(async () => {
    browser = await launchChromium();
    folder = await mkdtemp(join(tmpdir(), "socket-rotor-entries-"));
    await cp(at("pages"), folder, { recursive: true });
    await symlink(at("../../../node_modules"), join(folder, "node_modules"));
    const vite = await createVite({
      configFile: false,
      envFile: false,
      root: folder,
      cacheDir: join(folder, ".vite"),
      publicDir: false,
      appType: "custom",
      logLevel: "error",
      plugins: [await PLUGINS[framework]()],
      server: { middlewareMode: true, hmr: { server: http }, watch: null, fs: { strict: false } },
      resolve: {
        alias: [
          { find: /^socket-rotor$/, replacement: at("../../../src/index.ts") },
          {
            find: /^socket-rotor\/(react|vue|svelte|solid)$/,
            replacement: `${at("../../../src/bindings")}/$1.ts`,
          },
        ],
        dedupe: ["react", "vue", "svelte", "solid-js"],
      },
      optimizeDeps: {
        include: ["socket.io-client", "xstate", "@socket.io/component-emitter", ...PACKAGES[framework]],
      },
    });
    change = (path) => void vite.watcher.emit("change", path);
    render = async (scenario) => {
      const { renderPage, renderHead } = await vite.ssrLoadModule(`/${framework}/render.ts`);
      return { head: renderHead?.() ?? "", body: await renderPage(scenario) };
    };
    const serve = async (address: string): Promise<string> => {
      const { searchParams } = new URL(address, url);
      const rendered = searchParams.has("rendered")
        ? await render(searchParams.get("scenario") ?? "")
        : { head: "", body: "" };
      return vite.transformIndexHtml("/", htmlOf(framework, rendered));
    };
    http.on("request", (request, response) => {
      if (request.url?.startsWith("/socket.io/")) return;
      vite.middlewares(request, response, () => {
        serve(request.url ?? "/").then(
          (html) => response.setHeader("Content-Type", "text/html").end(html),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
      });
    });
    url = await listen(http);
    end = async () => {
      await browser.close();
      await vite.close();
      await io.close();
      await rm(folder, { recursive: true, force: true });
    };
  }, 120_000);
  afterAll(() => end());

  return {
    async open(scenario, isRendered = false) {
      const page = await browser.newPage();
      const { errors } = listenTo(page);
      const warnings: string[] = [];
      page.on("console", (line) => {
        if (line.type() === "warning") warnings.push(line.text());
      });
      const before = handshakes;
      onTestFinished(async () => {
        await page.close();
        await expect.poll(() => io.sockets.sockets.size).toBe(0);
      });
      if (process.env["DEBUGGING"])
        page.on("console", (l) => console.log(l.text())).on("pageerror", console.log);
      await page.goto(`${url}/?scenario=${scenario}${isRendered ? "&rendered" : ""}`);
      return {
        page,
        problems: () => [...errors, ...warnings],
        live: () => io.sockets.sockets.size,
        ever: () => handshakes - before,
      };
    },
    render: async (scenario) => (await render(scenario)).body,
    tick: () => void io.emit("tick"),
    async edit(file, from, to) {
      const path = join(folder, framework, file);
      const text = await readFile(path, "utf8");
      expect(text).toContain(from);
      await writeFile(path, text.replace(from, to));
      // Said here: a real watcher drops a change that comes within 50 ms of the one before.
      change(path);
    },
  };
}
