import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../support/free-port.js";
import { type App, startApp } from "./fixture/app.js";
import { useVisit } from "./fixture/visit.js";

const visit = useVisit();

/** Vite's proxy before the application; with `https` as one that has taken the encryption off. */
async function startProxy(app: App, port: number, protocol: "http" | "https" = "http"): Promise<void> {
  const vite = await createServer({
    configFile: false,
    envFile: false,
    root: fileURLToPath(new URL("./fixture", import.meta.url)),
    logLevel: "silent",
    server: {
      host: "127.0.0.1",
      port,
      strictPort: true,
      hmr: false,
      watch: null,
      proxy: {
        "/": {
          target: app.url,
          ws: true,
          ...(protocol === "https" && { headers: { "x-forwarded-proto": "https" } }),
        },
      },
    },
  });
  await vite.listen();
  onTestFinished(() => vite.close());
}

const cookie = { secure: true, sameSite: "lax", path: "/" } as const;

describe("behind a proxy", () => {
  test.each(["polling", "websocket"])(
    "Vite's, with ws: true: the page signs in and is connected over %s",
    async (transport) => {
      const port = await freePort();
      const site = `http://127.0.0.1:${port}`;
      const app = await startApp({ origins: [site] });
      await startProxy(app, port);
      const tab = await visit.openAs("ada", site, `?transports=${transport}`);
      expect(await tab.ask("who")).toBe("ada");
      await tab.post("/sign-out");
      await tab.untilIn("loggedOut.signedOut");
    },
  );

  test("with a secure cookie that has the prefix __Host-, and trust proxy", async () => {
    const port = await freePort();
    const site = `http://localhost:${port}`;
    const app = await startApp({
      origins: [site],
      prepare: (express) => express.set("trust proxy", 1),
      session: { name: "__Host-session", cookie },
    });
    await startProxy(app, port, "https");
    const tab = await visit.openAs("ada", site);
    expect(await tab.ask("who")).toBe("ada");
    expect((await visit.context.cookies())[0]).toMatchObject({ name: "__Host-session", secure: true });
    expect(app.log.join("\n")).not.toContain("trust proxy");
  });

  test("F33 with a secure cookie and without trust proxy: the server says which line to change, and nobody is let in", async () => {
    const port = await freePort();
    const site = `http://localhost:${port}`;
    const app = await startApp({ origins: [site], session: { cookie } });
    await startProxy(app, port, "https");
    const tab = await visit.open(site);
    await tab.signIn("ada");
    await tab.untilIn("loggedOut.signedOut");
    expect(await visit.context.cookies()).toEqual([]);
    expect(app.log.join("\n")).toContain('app.set("trust proxy", 1)');
    expect(app.lines.filter((line) => line.startsWith("connect"))).toEqual([]);
  });
});
