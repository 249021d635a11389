import { connectionInput, memoryStorage } from "socket-rotor";

/** What every component of these pages connects with. */
export const input = connectionInput({
  url: location.origin,
  storage: memoryStorage("ada"),
  socketOptions: { transports: ["websocket"] },
});

/** Where a page shows its component. */
export function root(): HTMLElement {
  const found = document.querySelector<HTMLElement>("#root");
  if (found === null) throw new Error("The page has no element #root.");
  return found;
}
