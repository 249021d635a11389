import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig, type UserWorkspaceConfig } from "vitest/config";
import { findProgram } from "./scripts/prepare.mjs";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Where servers and processes are real. */
const SYSTEM = ["test/system/**", "test/behaviour/servers/**"];
/** Where Chromium is real too. */
const BROWSER = ["test/browser/**"];
/** What `npm test` leaves to `npm run test:all`; test/README.md says why. Each can be run by its name. */
const LONG = [
  "test/browser/auth-clients/**/*.test.ts",
  "test/browser/entries/**/*.test.ts",
  "test/browser/many-tabs.test.ts",
  "test/browser/playground/**/*.test.ts",
  "test/browser/recipes/**/*.test.ts",
  "test/browser/site/**/*.test.ts",
  "test/system/bench.test.ts",
  "test/system/frameworks/**/*.test.ts",
  "test/system/leaks/heap.test.ts",
  "test/system/leaks/server-heap.test.ts",
  "test/system/session-sources/**/*.test.ts",
  "test/unit/server/attacks/first-frames.test.ts",
  "test/unit/server/attacks/schedules.test.ts",
  "test/unit/server/attacks/silent-clients.test.ts",
];
/** Processes of their own: these files open ports and browsers and count handles. */
const REAL: UserWorkspaceConfig["test"] = {
  environment: "node",
  testTimeout: 60_000,
  hookTimeout: 60_000,
  pool: "forks",
  execArgv: ["--expose-gc"],
  // After the others and two at a time, so that a slow machine does not turn a busy core into a lost packet.
  maxWorkers: 2,
  sequence: { groupOrder: 1 },
  env: {
    CHROMIUM_PATH: findProgram("Chromium") ?? "/usr/bin/chromium",
    REDIS_SERVER_PATH: findProgram("Redis") ?? "/usr/bin/redis-server",
  },
};
/** What every use of the library comes by; the others run on the build for production in `npm run test:all`. */
const SMOKE = ["listeners", "recovery", "stock-servers", "token-change"].map(
  (name) => `test/behaviour/servers/${name}.test.ts`,
);
/** These read words that the build for production does not have. */
const WORDS = [
  "test/behaviour/servers/identity.test.ts",
  "test/behaviour/servers/parity/*.test.ts",
  "test/system/kept-from-peer.test.ts",
  "test/system/nodes/sticky.test.ts",
  "test/system/outages.test.ts",
  "test/system/sessions/mistakes.test.ts",
  "test/system/unknown-refusals.test.ts",
];
/** On the build that a browser loads in production: test/support/production-build.ts makes it. */
const PRODUCTION: UserWorkspaceConfig = {
  resolve: {
    alias: [
      { find: /^socket-rotor$/, replacement: source("./.production/index.js") },
      { find: /^socket-rotor\/machines$/, replacement: source("./.production/machines.js") },
    ],
  },
};
const testsIn = (folders: readonly string[]): string[] => folders.map((folder) => `${folder}/*.test.ts`);
const jsonFile = process.env["VITEST_JSON"];

export default defineConfig({
  resolve: {
    // Tests import the package by its name and run on the sources; the built files have test/package.
    alias: [
      { find: /^socket-rotor$/, replacement: source("./src/index.ts") },
      { find: /^socket-rotor\/machines$/, replacement: source("./machines/index.ts") },
      { find: /^socket-rotor\/inspect$/, replacement: source("./src/inspect/index.ts") },
      { find: /^socket-rotor\/(react|vue|svelte|solid)$/, replacement: source("./src/bindings/$1.ts") },
      { find: /^socket-rotor\/server$/, replacement: source("./src/server/index.ts") },
      { find: /^socket-rotor\/testing$/, replacement: source("./src/testing/index.ts") },
    ],
  },
  test: {
    // VITEST_JSON is where .ci/run reads the counts from.
    reporters: jsonFile ? ["default", ["json", { outputFile: jsonFile }]] : ["default"],
    allowOnly: !process.env["CI"],
    // Vitest leaves one core to itself, which on two cores means one file after the other.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    coverage: {
      provider: "v8",
      include: ["src/**", "machines/**"],
      reporter: ["text", "html"],
    },
    setupFiles: ["test/quality/canary/setup.ts"],
    // What is polled for has come at once on an idle machine, and may take its time on a busy one.
    expect: { poll: { timeout: 15_000, interval: 20 } },
    // More than the usual forty characters: one failure of many rounds has to be understood by what it says.
    chaiConfig: { truncateThreshold: 1_000 },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          environment: "node",
          include: ["test/unit/**/*.test.ts", "test/behaviour/fakes/**/*.test.ts"],
          exclude: ["test/**/*.jsdom.test.ts", "test/unit/server/**"],
          // Hundreds of steps, on machines that may be busy.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "server",
          environment: "node",
          include: ["test/unit/server/**/*.test.ts"],
          exclude: LONG,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "jsdom",
          environment: "jsdom",
          include: ["test/**/*.jsdom.test.ts"],
          exclude: [...SYSTEM, ...BROWSER],
        },
      },
      {
        extends: true,
        test: {
          name: "quality",
          environment: "node",
          include: ["test/quality/**/*.test.ts", "test/docs/**/*.test.ts"],
          exclude: ["test/**/*.jsdom.test.ts"],
          testTimeout: 30_000,
        },
      },
      { extends: true, test: { ...REAL, name: "system", include: testsIn(SYSTEM), exclude: LONG } },
      { extends: true, test: { ...REAL, name: "browser", include: testsIn(BROWSER), exclude: LONG } },
      { extends: true, test: { ...REAL, name: "long", include: LONG } },
      {
        ...PRODUCTION,
        extends: true,
        test: {
          ...REAL,
          name: "production",
          globalSetup: "test/support/production-build.ts",
          include: SMOKE,
        },
      },
      {
        ...PRODUCTION,
        extends: true,
        test: {
          ...REAL,
          name: "production-all",
          globalSetup: "test/support/production-build.ts",
          include: testsIn(SYSTEM),
          exclude: [...LONG, ...SMOKE, ...WORDS],
        },
      },
    ],
  },
});
