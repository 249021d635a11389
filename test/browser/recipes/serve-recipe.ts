import { createServer } from "node:http";
import express from "express";
import { onTestFinished } from "vitest";
import { bundleRecipe } from "../../../docs/recipes/bundle.js";
import { servePages } from "../../../docs/recipes/pages.js";
import { serveChat } from "../../../docs/recipes/server.js";
import { listen } from "../../support/listen.js";

/** A recipe's page, and the server of all recipes, on a port of their own until the test ends. */
export async function serveRecipe(recipe: string, page?: string) {
  const files = recipe === "node" ? new Map<string, string>() : await bundleRecipe(recipe, page);
  const app = express();
  const http = createServer(app);
  const io = serveChat(app, http);
  servePages(app, files, page);
  const url = await listen(http);
  onTestFinished(() => io.close());
  return { io, url };
}
