// @ts-check
// A page of Next.js over the packed package; `npm run build` comes first. Turbopack follows no symbolic link that leads out
// of the application, so that the packages are copied.
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildIn, folder, installPackage, root, run } from "./folder.mjs";
import { env, tryPage, write } from "./page.mjs";

const next = join(folder, "node_modules/next/dist/bin/next");

/** Copies a package and what it depends on. @param {string} name @param {string} from */
function copy(name, from) {
  const to = join(folder, "node_modules", name);
  if (existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(from, "node_modules", name), to, { recursive: true, dereference: true });
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(to, "package.json"), "utf8"),
  );
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies }))
    if (existsSync(join(from, "node_modules", each))) copy(each, from);
}

/** @param {string} url */
function build(url) {
  for (const name of ["next", "react", "react-dom"]) copy(name, join(root, "test/ecosystem/next"));
  for (const name of ["xstate", "socket.io-client"]) copy(name, root);
  installPackage();
  write("package.json", JSON.stringify({ private: true, type: "module" }));
  write("next.config.mjs", "export default { turbopack: { root: import.meta.dirname } };\n");
  // What a browser asks for by itself.
  write("public/favicon.ico", "");
  write(
    "app/layout.jsx",
    "export default function Layout({ children }) {\n  return <html lang='en'><body>{children}</body></html>;\n}\n",
  );
  write(
    "app/page.jsx",
    'import { Chat } from "./chat";\nexport default function Page() {\n  return <Chat />;\n}\n',
  );
  write(
    "app/chat.jsx",
    `"use client";
import { useEffect, useState } from "react";
import { createConnection, webStorage } from "socket-rotor";
import { useConnectionSnapshot, useSocketEvent } from "socket-rotor/react";

const connection = createConnection({ url: "${url}", storage: webStorage("accessToken"), autoConnect: false });

export function Chat() {
  const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
  const [line, setLine] = useState("");
  useSocketEvent(connection.socket, "message", setLine);
  useEffect(() => connection.connect(), []);
  return <p>{status} {line}</p>;
}
`,
  );
  run(process.execPath, [next, "build"], { env });
  const builds = [buildIn(".next/static"), buildIn(".next/server")].join();
  if (builds !== "production,development") throw new Error(`The page and the server have ${builds}.`);
}

await tryPage("Next.js", build, (port) => [next, "start", "-p", port, "-H", "127.0.0.1"]);
