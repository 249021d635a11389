import { type ClientName, isClientName, socketPaths } from "../events.js";
import { byId, element } from "./dom.js";

const rotations = ["auto", "overlap", "replace"] as const;

interface Settings {
  rotation: (typeof rotations)[number];
  /** What one proves with who one is. */
  credential: "token" | "cookie";
  path: string;
  /** Whose network lies between; `undefined` where there is none. */
  client: ClientName | undefined;
}

/** What the address of the page says about how to connect: it can be shared, and survives a reload. */
export function readSettings(): Settings {
  const query = new URLSearchParams(location.search);
  const client = query.get("client");
  const credential = query.get("credential") === "cookie" ? "cookie" : "token";
  const path = query.get("server") === "plain" ? socketPaths.plain : socketPaths.half;
  return {
    rotation: rotations.find((rotation) => rotation === query.get("rotation")) ?? "auto",
    credential,
    path: credential === "cookie" ? socketPaths.session : path,
    client: isClientName(client) ? client : undefined,
  };
}

/** Shows the settings, and loads the page anew with another one. */
export function bindSettings(): void {
  const { rotation, credential, path, client } = readSettings();
  const form = byId("settings", HTMLFormElement);
  byId("rotation", HTMLSelectElement).value = rotation;
  byId("credential", HTMLSelectElement).value = credential;
  // These are about tokens.
  for (const id of ["rotation", "server"]) byId(id, HTMLSelectElement).disabled = credential === "cookie";
  byId("server", HTMLSelectElement).value = path === socketPaths.plain ? "plain" : "half";
  if (client !== undefined) byId("client-name", HTMLElement).textContent = `Client ${client.toUpperCase()}`;
  // What else the address says stays in it.
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (["rotation", "server", "credential", "welcome"].includes(name)) continue;
    const kept = element("input", "");
    Object.assign(kept, { type: "hidden", name, value });
    form.append(kept);
  }
  // The form is in what is folded away: what was open stays open.
  if (new URLSearchParams(location.search).has("more")) byId("more", HTMLDetailsElement).open = true;
  else form.append(Object.assign(element("input", ""), { type: "hidden", name: "more", value: "1" }));
  form.addEventListener("change", () => form.requestSubmit());
}
