import { render } from "svelte/server";
import { connect, isAlone } from "../connect.js";
import Scenario from "./scenario.svelte";

/** The page as a server renders it: with a connection that nobody has asked to connect. */
export function renderPage(name: string): string {
  const connection = isAlone(name) ? undefined : connect(false);
  const { body } = render(Scenario, { props: { name, connection } });
  connection?.dispose();
  return body;
}
