import { byId, element } from "./dom.js";
import { followSteps } from "./steps.js";

/** Shows the state of each client in one line, which stays in view where the clients themselves are scrolled away. */
export function showNow(): void {
  const list = byId("now", HTMLOListElement);
  const rows = new Map<string, HTMLElement>();
  followSteps(({ client, to }) => {
    const row = rows.get(client) ?? element("li", "");
    rows.set(client, row);
    row.dataset["state"] = to;
    row.replaceChildren(`${client.toUpperCase()} `, element("span", "to", to));
    // By their names, not by who is heard first.
    list.replaceChildren(
      ...[...rows].sort(([one], [other]) => one.localeCompare(other)).map(([, each]) => each),
    );
  });
}
