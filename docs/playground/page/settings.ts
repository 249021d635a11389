import { socketPaths } from "../events.js";
import { byId } from "./dom.js";

const rotations = ["auto", "overlap", "replace"] as const;

/** What the address of the page says about how to connect: it can be shared, and survives a reload. */
export function readSettings(): { rotation: (typeof rotations)[number]; path: string } {
  const query = new URLSearchParams(location.search);
  return {
    rotation: rotations.find((rotation) => rotation === query.get("rotation")) ?? "auto",
    path: query.get("server") === "plain" ? socketPaths.plain : socketPaths.half,
  };
}

/** Shows the settings, and loads the page anew with another one. */
export function bindSettings(): void {
  const { rotation, path } = readSettings();
  const form = byId("settings", HTMLFormElement);
  byId("rotation", HTMLSelectElement).value = rotation;
  byId("server", HTMLSelectElement).value = path === socketPaths.plain ? "plain" : "half";
  form.addEventListener("change", () => form.requestSubmit());
}
