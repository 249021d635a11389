import type { NetworkFacts } from "../events.js";
import { changeNetwork, type Route } from "./api.js";
import { byId, element } from "./dom.js";
import { attempt, onPress } from "./notice.js";

/** One way, in milliseconds. */
const DELAYS = [0, 20, 50, 100, 200, 400, 1_000, 3_000];

/** The controls of the network between this client and the server, where it has one of its own. */
export function bindNetwork({ client, facts }: Route): void {
  if (client === undefined) return;
  const cut = byId("cut", HTMLButtonElement);
  const offline = byId("offline", HTMLButtonElement);
  const words = byId("network-words", HTMLElement);
  let isCut = false;

  const show = (now: NetworkFacts) => {
    isCut = now.isCut;
    press(cut, isCut, "Cut", "Heal");
    press(offline, !navigator.onLine, "Go offline", "Go online");
    const path = `Through port ${now.port}`;
    words.textContent = isCut
      ? `${path}: nothing comes through.`
      : `${path}, in ${now.up + now.down} ms there and back.`;
  };
  const change = async (what: Partial<NetworkFacts>, action = "") =>
    show(await changeNetwork(client, what, action));

  for (const way of ["up", "down"] as const) {
    const select = byId(`delay-${way}`, HTMLSelectElement);
    const choices = DELAYS.includes(facts[way]) ? DELAYS : [...DELAYS, facts[way]];
    for (const delay of choices) {
      const option = element("option", "", `${delay} ms`);
      option.value = String(delay);
      select.append(option);
    }
    select.value = String(facts[way]);
    select.addEventListener("change", () => void attempt(() => change({ [way]: Number(select.value) })));
  }
  onPress("cut", () => change({ isCut: !isCut }));
  onPress("reset", () => change({}, "/reset"));
  onPress("offline", async () => {
    const goesOffline = navigator.onLine;
    sayOnline(!goesOffline);
    await change({ isCut: goesOffline });
    // As browsers do: the property first, then the event, and the network is as it says.
    dispatchEvent(new Event(goesOffline ? "offline" : "online"));
  });

  byId("network", HTMLElement).hidden = false;
  show(facts);
}

function press(button: HTMLButtonElement, isPressed: boolean, name: string, nameOfEnd: string): void {
  button.setAttribute("aria-pressed", String(isPressed));
  button.textContent = isPressed ? nameOfEnd : name;
}

/** A page cannot take itself off the network: it can only be told so. */
function sayOnline(isOnline: boolean): void {
  Object.defineProperty(navigator, "onLine", { value: isOnline, configurable: true });
}
