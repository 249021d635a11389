import { expect, test } from "vitest";
import { launchChromium } from "../../support/chromium.js";
import { bundle } from "./fixture/bundle.js";
import { startServer } from "./fixture/server.js";

test("in a Web Worker of Chromium the package connects, rotates and signs out, on tokens that the page sends", async () => {
  const [server, browser, body] = await Promise.all([
    startServer(),
    launchChromium(),
    bundle("worker.entry.ts"),
  ]);
  server.files.set("/worker.js", { body, headers: { "Content-Type": "text/javascript" } });
  const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
  const page = await browser.newPage();
  await page.goto(server.url);
  const worker = await page.evaluateHandle(() => {
    const worker = new Worker("/worker.js");
    const said: unknown[] = [];
    worker.onmessage = ({ data }) => said.push(data);
    return { worker, said };
  });
  const send = (token: string | null) =>
    worker.evaluate(({ worker }, token) => worker.postMessage(token), token);
  const until = (line: string) => server.log.until(line, () => server.log.story("worker").includes(line));

  await send(first.value);
  await until("connect ada 1");
  await send(second.value);
  await until("connect ada 2");
  await send(null);
  await until("disconnect ada 2");
  // What the worker says reaches the page on a way of its own, and later than the end of the link the server.
  await expect.poll(() => worker.evaluate(({ said }) => said.at(-1))).toBe("loggedOut.signedOut");
  const said = await worker.evaluate(({ said }) => said);
  expect(said[0]).toBe("window: undefined, document: undefined, localStorage: undefined");
  // Over polling a goodbye and the next handshake are two requests: a busy server may see that one later than here.
  const lines = server.log.story("worker");
  const goodbye = "disconnect ada 1";
  expect(lines.filter((line) => line !== goodbye)).toEqual([
    "handshake ada 1",
    "connect ada 1",
    "handshake ada 2",
    "connect ada 2",
    "disconnect ada 2",
  ]);
  expect(lines.filter((line) => line === goodbye)).toHaveLength(1);
  expect(lines.indexOf(goodbye)).toBeGreaterThan(1);
  await browser.close();
  await server.close();
});
