import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import { connect, isAlone } from "../connect.js";
import { scenarioOf } from "./scenarios.js";

/** The page as a server renders it: with a connection that nobody has asked to connect. */
export async function renderPage(name: string): Promise<string> {
  const connection = isAlone(name) ? undefined : connect(false);
  const html = await renderToString(createSSRApp(scenarioOf(name, connection)));
  connection?.dispose();
  return html;
}
