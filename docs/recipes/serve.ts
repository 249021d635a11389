import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import express from "express";
import { createApi } from "./another-origin/server.js";
import { bundleRecipe } from "./bundle.js";
import { servePages } from "./pages.js";
import { serveChat } from "./server.js";

/** `npm run recipe -- react`: a recipe's page and the server of all recipes, on port 3000 or on `PORT`. */
async function main(): Promise<void> {
  const recipe = process.argv[2] ?? "react";
  const files = await bundleRecipe(recipe);
  const app = express();
  const http = createServer(app);
  const port = Number(process.env["PORT"] || 3000);
  if (recipe === "another-origin") serveApi(`http://localhost:${port}`);
  else serveChat(app, http);
  servePages(app, files);
  http.listen(port, "localhost", () => console.log(`The recipe is at http://localhost:${port}`));
}

/** The server of the page of another origin, on the port that the page names. Any name is a user, whose password it is. */
function serveApi(site: string): void {
  const [sessionSecret, identityKey] = [randomUUID(), randomUUID()];
  const userOf = async (name: unknown, password: unknown) =>
    typeof name === "string" && name === password ? name : undefined;
  createApi({ site, sessionSecret, identityKey, isSecure: false, userOf }).http.listen(3001, "localhost");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
