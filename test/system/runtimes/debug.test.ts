import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { describe, expect, test, vi } from "vitest";
import { read } from "../../docs/documents.js";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The script in a process of its own, with what `DEBUG` names turned on. */
async function run(names: string): Promise<{ secrets: string[]; lines: string[] }> {
  const child = spawn(process.execPath, ["--import", "tsx", at("debug.child.ts")], {
    cwd: at("../../.."),
    env: { ...process.env, DEBUG: names, DEBUG_COLORS: "no", DEBUG_HIDE_DATE: "yes" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [printed, complaints] = ["", ""];
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  const code = await new Promise((resolve) => void child.on("close", resolve));
  if (code !== 0) throw new Error(`debug.child.ts ended with ${code}:\n${complaints}`);
  return { secrets: JSON.parse(printed), lines: complaints.split("\n") };
}

/** The names under which a secret was printed. Before the name, older versions of `debug` print the date. */
function tellersOf(secrets: readonly string[], lines: readonly string[]): string[] {
  const tellers = lines.flatMap((line) => {
    if (!secrets.some((secret) => line.includes(secret))) return [];
    return [/^\s*(?:\w{3}, \d+ \w{3} \d+ [\d:]+ GMT )?(\S+)/.exec(line)?.[1] ?? line];
  });
  return [...new Set(tellers)].sort();
}

describe("docs/security.md on DEBUG", () => {
  const [, table = ""] = /^### Debug output\n([\s\S]*?)(?=^##)/m.exec(read("docs/security.md")) ?? [];
  const named = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = ""]) => name).sort();

  test("it names what prints a token or a session id, and nothing else", async () => {
    const { secrets, lines } = await run("*");
    expect(tellersOf(secrets, lines)).toEqual(named);
  });

  test("with all of them left out, and everything else on, no token and no session id is printed", async () => {
    const { secrets, lines } = await run(["*", ...named.map((name) => `-${name}`)].join(","));
    expect(lines.length).toBeGreaterThan(100);
    expect(tellersOf(secrets, lines)).toEqual([]);
  });

  test.each([
    ["development", true],
    ["production", false],
  ])("a page that is built for %s can print packets: %s", async (mode, canPrint) => {
    vi.stubEnv("NODE_ENV", mode);
    const entry = createRequire(import.meta.url).resolve("socket.io-client/package.json");
    const output = await build({
      configFile: false,
      logLevel: "silent",
      mode,
      root: at("."),
      build: {
        write: false,
        minify: false,
        lib: {
          entry: entry.replace("package.json", "build/esm/index.js"),
          formats: ["es"],
          fileName: "page",
        },
      },
    });
    const [result] = Array.isArray(output) ? output : [output];
    const code = result && "output" in result ? result.output[0].code : "";
    expect(code.includes("Manager")).toBe(true);
    expect(code.includes('"socket.io-parser"')).toBe(canPrint);
  });
});
