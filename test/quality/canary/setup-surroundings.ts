import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { format } from "node:util";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterEach, vi } from "vitest";
import { keep } from "./record.js";

// What the canary looks at around the library: the console, the page, browsers with their pages, and what child
// processes print.

type Method = (...given: never[]) => unknown;

const isMethod = (value: unknown): value is Method => typeof value === "function";

/** Code that asks for a method of the console gets one that is overheard, also where a test has put a spy in its place. */
globalThis.console = new Proxy(console, {
  get(target, name, receiver) {
    const method: unknown = Reflect.get(target, name, receiver);
    return isMethod(method) ? overheard(method) : method;
  },
});

const heard = new WeakMap<Method, Method>();

function overheard(method: Method): Method {
  const known = heard.get(method);
  if (known) return known;
  const made = new Proxy(method, {
    apply(target, self, given) {
      keep("console", format(...given));
      return Reflect.apply(target, self, given);
    },
  });
  heard.set(method, made).set(made, made);
  return made;
}

/** Keeps what is in the document, where there is one. */
export function keepPage(): void {
  if (typeof document === "object") keep("page", document.documentElement.outerHTML);
}
afterEach(keepPage);

vi.mock(import("playwright"), async (load) => {
  const original = await load();
  const { chromium } = original;
  for (const method of ["launch", "connectOverCDP"] as const) {
    const start = new Proxy(chromium[method], {
      apply: async (target, _self, given) => watchBrowser(await Reflect.apply(target, chromium, given)),
    });
    Object.defineProperty(chromium, method, { value: start });
  }
  return original;
});

function watchBrowser(browser: Browser): Browser {
  browser.contexts().forEach(watchContext);
  return browser.on("context", watchContext);
}

const pages = new Set<Page>();

function watchContext(context: BrowserContext): void {
  context.pages().forEach(watchPage);
  context
    .on("page", watchPage)
    .on("console", (message) => keep("console of a page", message.text()))
    .on("weberror", (error) => keep("errors of a page", error.error()))
    .on("request", (request) => keep("addresses", request.url()));
}

function watchPage(page: Page): void {
  const close = page.close.bind(page);
  page.close = async (...given) => {
    await look(page);
    await close(...given);
  };
  pages.add(page.on("websocket", (socket) => keep("addresses", socket.url())));
  page.on("close", () => pages.delete(page));
}

/** What is in a page and its frames, which may be gone by the time that it answers. */
async function look(page: Page): Promise<void> {
  for (const frame of page.frames()) keep("pages", await frame.content().catch(() => ""));
}

/** Keeps what is in every page of every browser. */
export async function keepPages(): Promise<void> {
  await Promise.all([...pages].map(look));
}
afterEach(keepPages);

vi.mock(import("node:child_process"), async (load) => {
  const original = await load();
  const spawn = new Proxy(original.spawn, {
    apply(target, self, given) {
      const child: ChildProcess = Reflect.apply(target, self, given);
      for (const stream of [child.stdout, child.stderr]) if (stream) overhear(stream);
      return child;
    },
  });
  return { ...original, spawn };
});

/** Looks at what comes in without reading it, which is for the test to do when it likes. */
function overhear(stream: Readable): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, ...given) => {
    if (chunk !== null) keep("output of a process", String(chunk));
    return push(chunk, ...given);
  };
}
