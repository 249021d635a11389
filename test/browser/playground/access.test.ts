import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Playground, startPlayground } from "../../../docs/playground/playground.js";

let folder: string;
let playground: Playground;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "playground-test-"));
  playground = await startPlayground({ port: 0, keyFile: join(folder, "key.json") });
});
afterAll(async () => {
  await playground.close();
  await rm(folder, { recursive: true });
});

const post = (path: string, origin: string | undefined, body?: string): Promise<Response> =>
  fetch(playground.url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(origin !== undefined && { Origin: origin }) },
    ...(body !== undefined && { body }),
  });

test.each(["/world/restart", "/network/a", "/auth/login", "/session/login", "/demo/kick"])(
  "F34 %s is refused to pages of other sites, and to requests that name none",
  async (path) => {
    for (const origin of ["https://elsewhere.example", "null", undefined]) {
      const response = await post(path, origin);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: "access_denied" });
    }
  },
);

test("a network takes delays that make sense, and says what it takes", async () => {
  expect((await post("/network/a", playground.url, '{"up":50}')).status).toBe(200);
  for (const up of ["-1", "5001", '"soon"', "null"]) {
    const response = await post("/network/a", playground.url, `{"up":${up}}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error_description: "A delay is a number of milliseconds from 0 to 5000.",
    });
  }
  const unknown = await post("/network/z", playground.url, "{}");
  expect(await unknown.json()).toMatchObject({ error_description: expect.stringContaining("a, b, c") });
});

test("pages of other sites may not put the playground into a frame", async () => {
  const response = await fetch(playground.url);
  expect(response.headers.get("content-security-policy")).toContain("frame-ancestors 'self'");
});
