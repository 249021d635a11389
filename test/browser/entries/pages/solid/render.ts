import { createComponent } from "solid-js";
import { generateHydrationScript, renderToString } from "solid-js/web";
import { connect, isAlone } from "../connect.js";
import { Scenario } from "./scenarios.js";

/** The page as a server renders it: with a connection that nobody has asked to connect. */
export function renderPage(name: string): string {
  const connection = isAlone(name) ? undefined : connect(false);
  const html = renderToString(() => createComponent(Scenario, { name, connection }));
  connection?.dispose();
  return html;
}

/** What Solid needs in the page to hydrate it. */
export const renderHead = generateHydrationScript;
