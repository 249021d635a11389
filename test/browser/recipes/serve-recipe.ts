import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { onTestFinished } from "vitest";
import { bundleRecipe } from "../../../docs/recipes/bundle.js";
import { servePages } from "../../../docs/recipes/pages.js";
import { serveChat } from "../../../docs/recipes/server.js";

/** A recipe's page, and the server of all recipes, on a port of their own until the test ends. */
export async function serveRecipe(recipe: string, page?: string) {
  const files = recipe === "node" ? new Map<string, string>() : await bundleRecipe(recipe, page);
  const app = express();
  const http = createServer(app);
  const io = serveChat(app, http);
  servePages(app, files, page);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => io.close());
  return { io, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}
