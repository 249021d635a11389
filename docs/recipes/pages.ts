import type { Express } from "express";

/** Serves what `bundleRecipe` has made; `/` is the page. */
export function servePages(
  app: Express,
  files: ReadonlyMap<string, string | Uint8Array>,
  page = "index.html",
): void {
  app.get("/{*path}", (request, response) => {
    const path = request.path === "/" ? `/${page}` : request.path;
    const file = files.get(path);
    if (file === undefined) response.sendStatus(404);
    else response.type(path.replace(/^.*\./, "")).send(typeof file === "string" ? file : Buffer.from(file));
  });
}
