// @ts-check
// A page of a framework beside a real Socket.IO server: what the server renders, and what becomes of it in Chromium.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { chromium } from "playwright";
import { Server } from "socket.io";
import { findProgram } from "../../scripts/prepare.mjs";
import { folder } from "./folder.mjs";

/** A framework goes by NODE_ENV where there is one. */
const { NODE_ENV: _, ...rest } = process.env;
export const env = { ...rest, NEXT_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1" };

/** @param {string} path @param {string} text */
export function write(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** @param {import("node:http").Server} server */
async function portOf(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/**
 * Builds, serves and looks at a page that shows the status of its connection and the server's last message, in a
 * paragraph. One line a step.
 *
 * @param {string} framework
 * @param {(url: string) => void} build - Makes the application; the address is that of its Socket.IO server.
 * @param {(port: string) => readonly string[]} command - Serves it, as arguments of Node, and says so in a line.
 */
export async function tryPage(framework, build, command) {
  /** @param {string} step */
  const done = (step) => console.log(`ok     ${framework}: ${step}`);
  const http = createServer();
  const io = new Server(http, { cors: { origin: "*" } });
  let connected = 0;
  io.on("connection", (socket) => {
    connected += 1;
    socket.emit("message", `Hello, ${socket.handshake.auth["token"]}.`);
  });
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let served;
  /** @type {import("playwright").Browser | undefined} */
  let browser;
  try {
    build(`http://127.0.0.1:${await portOf(http)}`);
    done("the page is built");

    const place = createServer();
    const port = String(await portOf(place));
    place.close();
    served = spawn(process.execPath, command(port), {
      cwd: folder,
      env: { ...env, HOST: "127.0.0.1", PORT: port },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve, reject) => {
      served?.stdout?.on("data", (text) => /Ready|Listening/.test(String(text)) && resolve(undefined));
      served?.once("exit", () => reject(new Error(`${framework} has ended.`)));
    });
    const url = `http://127.0.0.1:${port}`;
    const html = await (await fetch(url)).text();
    if (!html.includes("<p>idle")) throw new Error(`The server shows something else than "idle": ${html}`);
    if (connected > 0) throw new Error("The server has connected.");
    done("the server shows idle, and connects to nothing");

    const executablePath = findProgram("Chromium");
    if (executablePath === undefined)
      throw new Error("There is no Chromium. Run `node scripts/prepare.mjs`.");
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    const tab = await browser.newPage();
    /** @type {string[]} */
    const wrong = [];
    tab.on("pageerror", (error) => wrong.push(error.message));
    tab.on("console", (message) => {
      // A mismatch is a warning in Vue, and an error in React.
      if (["error", "warning"].includes(message.type())) wrong.push(message.text());
    });
    await tab.addInitScript(() => localStorage.setItem("accessToken", "token of Alice"));
    await tab.goto(url);
    await tab.locator("p", { hasText: "connected Hello, token of Alice." }).waitFor();
    if (wrong.length > 0) throw new Error(`The page says: ${wrong.join("\n")}`);
    if (connected !== 1) throw new Error(`There were ${connected} sockets.`);
    done("the page is hydrated without a mismatch, and has one socket");
  } catch (error) {
    console.log(`FAILED ${framework}\n${error instanceof Error ? error.stack : error}`);
    process.exitCode = 1;
  } finally {
    await browser?.close();
    served?.kill();
    await io.close();
  }
}
