import { createElement, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { connect, isAlone } from "../connect.js";
import { Scenario } from "./scenarios.js";

/** The page as a server renders it: with a connection that nobody has asked to connect. */
export function renderPage(name: string): string {
  const connection = isAlone(name) ? undefined : connect(false);
  const html = renderToString(createElement(StrictMode, {}, createElement(Scenario, { name, connection })));
  connection?.dispose();
  return html;
}
