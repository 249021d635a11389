// @ts-check
// Does what docs/quick-start.md says, word for word, with the packed tarball in an empty folder:
// its commands, its files, its lines for the console. What `npm install` would fetch is linked from our node_modules,
// so this needs no network, and the two ports are free ones. One line a step; `npm run build` comes first.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { chromium } from "playwright";
import { findProgram } from "../../scripts/prepare.mjs";
import { folder, installPackage, link, root, run } from "./folder.mjs";

const page = readFileSync(join(root, "docs/quick-start.md"), "utf8");

/** The text of a section. @param {string} heading */
function section(heading) {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (text === undefined) throw new Error(`docs/quick-start.md has no section "${heading}".`);
  return text;
}

/** @returns {Promise<string>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return String(typeof address === "object" && address?.port);
}

/** What `npm install` is given is linked; the package itself is unpacked from its tarball. @param {string} line */
function npmInstall(line) {
  for (const name of line.split(" ").slice(2)) {
    if (name !== "socket-rotor") {
      link(name);
      continue;
    }
    installPackage();
    const file = join(folder, "node_modules", name, "package.json");
    const { dependencies } = JSON.parse(readFileSync(file, "utf8"));
    for (const dependency of Object.keys(dependencies)) link(dependency);
  }
}

/** @type {import("node:child_process").ChildProcess[]} */
const children = [];

/** @param {string} command @param {string[]} args @param {RegExp} isReady */
async function start(command, args, isReady) {
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await new Promise((resolve, reject) => {
    let said = "";
    // Read to the end, also after that: a program whose words nobody takes fails at the next.
    child.stdout.on("data", (chunk) => {
      said += chunk;
      if (isReady.test(said)) resolve(undefined);
    });
    child.once("exit", () => reject(new Error(`${command} ${args.join(" ")} ended: ${said}`)));
  });
}

/** @param {string} step */
const done = (step) => console.log(`ok     five minutes: ${step}`);

/** @type {import("playwright").Browser | undefined} */
let browser;
try {
  const ports = { 3000: await freePort(), 5173: await freePort() };
  /** @param {string} text */
  const here = (text) => text.replaceAll("3000", ports[3000]).replaceAll("5173", ports[5173]);

  const body = section("From nothing to connected");
  const commands = [...(section("Install") + body).matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(
    ([, code = ""]) => code.trim().split("\n"),
  );
  const files = new Map(
    [...body.matchAll(/^`([\w.]+)`, [^\n]*:\n\n```ts\n([\s\S]*?)^```/gm)].map(([, name = "", code = ""]) => [
      name,
      code,
    ]),
  );
  const lines = [...body.matchAll(/^localStorage\..*$/gm)].map(([line]) => line);
  for (const [name, code] of files) writeFileSync(join(folder, name), here(code));
  for (const command of commands) {
    if (command.startsWith("npm install ")) npmInstall(command);
    else if (command.startsWith("echo ")) run("bash", ["-c", command]);
    else if (command !== "node server.mjs & npx vite")
      throw new Error(`docs/quick-start.md has a new command: ${command}`);
  }
  done(`installed, and ${[...files.keys()].join(" and ")} written`);

  // A server says nothing when it listens; the page's own retry is what finds it.
  children.push(spawn(process.execPath, ["server.mjs"], { cwd: folder, stdio: "inherit" }));
  const vite = join(folder, "node_modules/vite/bin/vite.js");
  await start(process.execPath, [vite, "--port", ports[5173], "--strictPort"], /Local/);
  done("the server and Vite run");

  const executablePath = findProgram("Chromium");
  if (executablePath === undefined) throw new Error("There is no Chromium. Run `node scripts/prepare.mjs`.");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const tab = await browser.newPage();
  await tab.goto(here("http://localhost:5173"));
  /** @param {string} text */
  const says = (text) => tab.locator("body", { hasText: text }).waitFor();
  await says("loggedOut");
  for (const [index, text] of ["Hello, token of Alice.", "Hello, token of Bob.", "loggedOut"].entries()) {
    const line = lines[index];
    if (line === undefined)
      throw new Error("docs/quick-start.md has fewer lines for the console than are tried.");
    await tab.evaluate(line);
    await says(text);
    done(line);
  }
  await tab.waitForFunction(() => document.body.innerText.trimEnd().endsWith("loggedOut"));
  if (lines.length !== 3)
    throw new Error("docs/quick-start.md has more lines for the console than are tried.");
} catch (error) {
  console.log(`FAILED five minutes\n${error instanceof Error ? error.stack : error}`);
  process.exitCode = 1;
} finally {
  await browser?.close();
  for (const child of children) child.kill();
}
