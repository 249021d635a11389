import { createServer } from "node:http";
import express from "express";
import { bundleRecipe } from "./bundle.js";
import { servePages } from "./pages.js";
import { serveChat } from "./server.js";

/** `npm run recipe -- react`: a recipe's page and the server of all recipes, on port 3000 or on `PORT`. */
async function main(): Promise<void> {
  const files = await bundleRecipe(process.argv[2] ?? "react");
  const app = express();
  const http = createServer(app);
  serveChat(app, http);
  servePages(app, files);
  const port = Number(process.env["PORT"] || 3000);
  http.listen(port, "localhost", () => console.log(`The recipe is at http://localhost:${port}`));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
