import { type ClientName, isClientName, socketPaths } from "../events.js";
import { byId, element } from "./dom.js";

const rotations = ["auto", "overlap", "replace"] as const;

interface Settings {
  rotation: (typeof rotations)[number];
  path: string;
  /** Whose network lies between; `undefined` where there is none. */
  client: ClientName | undefined;
}

/** What the address of the page says about how to connect: it can be shared, and survives a reload. */
export function readSettings(): Settings {
  const query = new URLSearchParams(location.search);
  const client = query.get("client");
  return {
    rotation: rotations.find((rotation) => rotation === query.get("rotation")) ?? "auto",
    path: query.get("server") === "plain" ? socketPaths.plain : socketPaths.half,
    client: isClientName(client) ? client : undefined,
  };
}

/** Shows the settings, and loads the page anew with another one. */
export function bindSettings(): void {
  const { rotation, path, client } = readSettings();
  const form = byId("settings", HTMLFormElement);
  byId("rotation", HTMLSelectElement).value = rotation;
  byId("server", HTMLSelectElement).value = path === socketPaths.plain ? "plain" : "half";
  if (client !== undefined) byId("client-name", HTMLElement).textContent = `Client ${client.toUpperCase()}`;
  // What else the address says stays in it.
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name === "rotation" || name === "server") continue;
    const kept = element("input", "");
    Object.assign(kept, { type: "hidden", name, value });
    form.append(kept);
  }
  form.addEventListener("change", () => form.requestSubmit());
}
