import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { launchChromium } from "../../support/chromium.js";
import { startChild } from "../../system/leaks/child.js";
import { startRedis } from "../../system/nodes/fixture/redis.js";
import { clientIn, prepare } from "./harness.js";

const TIMEOUT = 180_000;
const COMMAND = "../../../docs/playground/server.ts";

/** `npm start` with these variables. */
function startCommand(environment: Record<string, string>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return startChild(COMMAND);
}

/** Two ports, one after the other, that were free just now; not where another process that runs this begins to look. */
async function freePorts(): Promise<number> {
  const first = 20_011 + 2 * (process.pid % 400);
  for (let port = first; port < first + 200; port += 2) {
    const servers = [createServer(), createServer()];
    try {
      for (const [index, server] of servers.entries()) {
        await once(server.listen(port + index, "127.0.0.1"), "listening");
      }
      return port;
    } catch {
      // Taken: the next two.
    } finally {
      for (const server of servers) server.close();
    }
  }
  throw new Error("There are no two free ports.");
}

/** The page with a client on each node. */
async function openClients() {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.addInitScript(prepare);
  return async (url: string) => {
    await page.goto(url);
    const [a, b] = await Promise.all([clientIn(page, "a"), clientIn(page, "b")]);
    for (const client of [a, b]) await client.until("status", "loggedOut.signedOut");
    return { page, a, b };
  };
}

test(
  "F29 two processes and a Redis: sign in, messages and sign-out reach the client on the other node",
  async () => {
    const redis = await startRedis();
    const port = await freePorts();
    const start = startCommand({ NODES: "2", REDIS_URL: redis.url, PORT: String(port), HOST: "" });
    const urls = [0, 1].map((index) => `http://localhost:${port + index}`);
    for (const [index, url] of urls.entries()) {
      expect(await start.line()).toBe(`Node ${index + 1} of the socket-rotor playground is at ${url}`);
    }
    for (const url of urls) expect((await fetch(url)).status).toBe(200);
    const open = await openClients();

    for (const [settings, known] of [
      ["", /^[0-9a-f]{8} Ada$/],
      ["?credential=cookie", /^the session of Ada$/],
    ] as const) {
      const { page, a, b } = await open(`${urls[0]}/${settings}`);
      await a.press("Sign in as Ada");
      for (const client of [a, b]) await client.until("token-served", known);
      await a.until("node", "on node 1");
      await b.until("node", "on node 2");

      await a.send("Hello from the first node");
      const heard = () => b.messages("Hello from the first node");
      await expect.poll(async () => (await heard()).join(), { timeout: 15_000 }).toContain("from socket");

      if (settings === "") {
        const before = await Promise.all([a.text("token-stored"), a.socketId(), b.socketId()]);
        await page.getByRole("button", { name: "Change the signing key" }).click();
        await a.untilAnotherSocket(before[1]);
        await b.untilAnotherSocket(before[2]);
        for (const client of [a, b]) await client.untilConnectedAs("Ada");
        expect(await Promise.all([a.text("token-served"), b.text("token-served")])).not.toContain(before[0]);
        expect(await a.text("token-served"), "one key on both nodes").toBe(await b.text("token-served"));
      }

      await b.press(settings === "" ? "Sign out" : "Expire the session");
      for (const client of [a, b]) await client.until("status", "loggedOut");
    }

    await redis.kill();
    await redis.restart();
    const { a, b } = await open(`${urls[0]}/?credential=cookie`);
    await b.press("Sign in as Grace");
    for (const client of [a, b]) await client.until("token-served", "the session of Grace");

    start.process.kill("SIGTERM");
    expect(await start.ended).toEqual({ code: 0, signal: null, complaints: "" });
  },
  TIMEOUT,
);

test(
  "NODES=2 without a Redis that answers: it says what to set, and ends",
  async () => {
    const without = startCommand({ NODES: "2", REDIS_URL: "" });
    expect(await without.ended).toMatchObject({
      code: 1,
      complaints: expect.stringContaining("Set REDIS_URL: "),
    });
    const nobody = startCommand({ NODES: "2", REDIS_URL: "redis://user:secret@127.0.0.1:1" });
    const { code, complaints } = await nobody.ended;
    expect(code).toBe(1);
    expect(complaints).toContain("There is no Redis that answers at 127.0.0.1:1");
    expect(complaints).not.toContain("secret");
  },
  TIMEOUT,
);
