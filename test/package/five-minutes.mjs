// @ts-check
// Does what docs/quick-start.md says, word for word, with the packed tarball in an empty folder:
// its commands, its files, its lines for the console. What `npm install` would fetch is linked from our node_modules,
// so this needs no network, and the two ports are free ones. One line a step; `npm run build` comes first.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { findProgram } from "../../scripts/prepare.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "socket-rotor-five-minutes-"));
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

/** @param {string} name @param {string} [to] */
function install(name, to = join(root, "node_modules", name)) {
  const at = join(folder, "node_modules", name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(to, at);
}

/** What `npm install` is given is linked; the package itself is unpacked from its tarball. @param {string} line */
function npmInstall(line) {
  for (const name of line.split(" ").slice(2)) {
    if (name !== "socket-rotor") {
      install(name);
      continue;
    }
    const packed = spawnSync("npm", ["pack", "--silent", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
    });
    const at = join(folder, "node_modules", name);
    mkdirSync(at, { recursive: true });
    spawnSync("tar", ["-xzf", join(folder, packed.stdout.trim()), "-C", at, "--strip-components=1"]);
    const { dependencies } = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
    for (const dependency of Object.keys(dependencies)) install(dependency);
  }
}

/** @type {import("node:child_process").ChildProcess[]} */
const children = [];

/** @param {string} command @param {string[]} args @param {RegExp} isReady */
async function start(command, args, isReady) {
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  let said = "";
  for await (const chunk of child.stdout) {
    said += chunk;
    if (isReady.test(said)) break;
  }
  if (!isReady.test(said)) throw new Error(`${command} ${args.join(" ")} ended: ${said}`);
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
    else if (command.startsWith("echo ")) spawnSync("bash", ["-c", command], { cwd: folder });
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
  rmSync(folder, { recursive: true, force: true });
}
