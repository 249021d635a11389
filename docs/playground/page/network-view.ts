import type { NetworkFacts } from "../events.js";
import { changeNetwork, type Route } from "./api.js";
import { byId, element } from "./dom.js";
import { attempt, onPress } from "./notice.js";

/** One way, in milliseconds. A heartbeat that takes longer than 5 s there and back is a missing one. */
const DELAYS = [0, 20, 50, 100, 200, 400, 1_000];

/** The controls of the network between this client and the server, where it has one of its own. */
export function bindNetwork({ client, facts }: Route): void {
  const cut = byId("cut", HTMLButtonElement);
  if (client === undefined) {
    cut.disabled = true;
    return;
  }
  const offline = byId("offline", HTMLButtonElement);
  const words = byId("network-words", HTMLElement);
  const note = byId("network-note", HTMLElement);
  let isCut = false;

  const show = (now: NetworkFacts) => {
    isCut = now.isCut;
    document.body.classList.toggle("cut", isCut);
    press(cut, isCut, "Cut the network", "Mend the network");
    press(offline, !navigator.onLine, "Go offline", "Go online");
    note.textContent = isCut ? "This client’s network is cut: nothing comes through." : "";
    words.textContent = `A message takes ${now.up + now.down} ms there and back.`;
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
    const onChange = () => attempt(() => change({ [way]: Number(select.value) }), "Another delay");
    select.addEventListener("change", () => void onChange());
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
