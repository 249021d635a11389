// @ts-check
// A page of Next.js over the packed package: built, served, and taken over in Chromium beside a real Socket.IO server. The
// server's HTML says what the page begins with, React has nothing to mend, and there is one socket. `npm run build` comes
// first. Next.js takes no symbolic link that leads out of the application, so that the packages are copied.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { chromium } from "playwright";
import { Server } from "socket.io";
import { findProgram } from "../../scripts/prepare.mjs";
import { folder, installPackage, root, run } from "./folder.mjs";

/** The path of the application in an environment that is not this program's: Next.js goes by NODE_ENV. */
const { NODE_ENV: _, ...rest } = process.env;
const env = { ...rest, NEXT_TELEMETRY_DISABLED: "1" };
const next = join(folder, "node_modules/next/dist/bin/next");

/** Copies a package and what it depends on. @param {string} name @param {string} from */
function copy(name, from) {
  const to = join(folder, "node_modules", name);
  if (existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(from, "node_modules", name), to, { recursive: true, dereference: true });
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(to, "package.json"), "utf8"),
  );
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies }))
    if (existsSync(join(from, "node_modules", each))) copy(each, from);
}

/** @param {string} path @param {string} text */
function write(path, text) {
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

/** @param {string} step */
const done = (step) => console.log(`ok     Next.js: ${step}`);

try {
  const port = await portOf(http);
  for (const name of ["next", "react", "react-dom"]) copy(name, join(root, "test/ecosystem/next"));
  for (const name of ["xstate", "socket.io-client"]) copy(name, root);
  installPackage();

  write("package.json", JSON.stringify({ private: true, type: "module" }));
  write("next.config.mjs", "export default { turbopack: { root: import.meta.dirname } };\n");
  write(
    "app/layout.jsx",
    "export default function Layout({ children }) {\n  return <html lang='en'><body>{children}</body></html>;\n}\n",
  );
  write(
    "app/page.jsx",
    'import { Chat } from "./chat";\nexport default function Page() {\n  return <Chat />;\n}\n',
  );
  write(
    "app/chat.jsx",
    `"use client";
import { useEffect, useState } from "react";
import { createConnection, webStorage } from "socket-rotor";
import { useConnectionSnapshot, useSocketEvent } from "socket-rotor/react";

const connection = createConnection({
  url: "http://127.0.0.1:${port}",
  storage: webStorage("accessToken"),
  autoConnect: false,
});

export function Chat() {
  const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
  const [line, setLine] = useState("");
  useSocketEvent(connection.socket, "message", setLine);
  useEffect(() => connection.connect(), []);
  return <p>{status} {line}</p>;
}
`,
  );

  // What a browser asks for by itself.
  write("public/favicon.ico", "");

  run(process.execPath, [next, "build"], { env });
  done("the page is built");

  for (const [what, at, expected] of [
    ["the page", ".next/static", "production"],
    ["the server", ".next/server", "development"],
  ]) {
    const code = readdirSync(join(folder, at ?? ""), { encoding: "utf8", recursive: true })
      .filter((name) => name.endsWith(".js"))
      .map((name) => readFileSync(join(folder, at ?? "", name), "utf8"))
      .join("\n");
    if (!code.includes("ERR_INVALID_OPTION")) throw new Error(`In ${at} the package is missing.`);
    const found = code.includes("takes an object of options") ? "development" : "production";
    if (found !== expected) throw new Error(`${what} has the build for ${found}`);
    done(`${what} takes the build for ${found}`);
  }

  const place = createServer();
  const page = await portOf(place);
  place.close();
  served = spawn(process.execPath, [next, "start", "-p", String(page), "-H", "127.0.0.1"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    served?.stdout?.on("data", (text) => /Ready/.test(String(text)) && resolve(undefined));
    served?.once("exit", () => reject(new Error("next start has ended.")));
  });
  const url = `http://127.0.0.1:${page}`;
  const html = await (await fetch(url)).text();
  if (!html.includes("<p>idle")) throw new Error(`The server shows something else than "idle": ${html}`);
  if (connected > 0) throw new Error("The server has connected.");
  done("the server shows idle, and connects to nothing");

  const executablePath = findProgram("Chromium");
  if (executablePath === undefined) throw new Error("There is no Chromium. Run `node scripts/prepare.mjs`.");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const tab = await browser.newPage();
  /** @type {string[]} */
  const wrong = [];
  tab.on("pageerror", (error) => wrong.push(error.message));
  tab.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  await tab.addInitScript(() => localStorage.setItem("accessToken", "token of Alice"));
  await tab.goto(url);
  await tab.locator("p", { hasText: "connected Hello, token of Alice." }).waitFor();
  if (wrong.length > 0) throw new Error(`The page says: ${wrong.join("\n")}`);
  if (connected !== 1) throw new Error(`There were ${connected} sockets.`);
  done("the page is hydrated without a mismatch, and has one socket");
} catch (error) {
  console.log(`FAILED Next.js\n${error instanceof Error ? error.stack : error}`);
  process.exitCode = 1;
} finally {
  await browser?.close();
  served?.kill();
  await io.close();
}
