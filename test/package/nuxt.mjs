// @ts-check
// A page of Nuxt over the packed package; `npm run build` comes first.
import { join } from "node:path";
import { buildIn, folder, installPackage, link, root, run } from "./folder.mjs";
import { env, tryPage, write } from "./page.mjs";

/** @param {string} url */
function build(url) {
  for (const name of ["nuxt", "vue"]) link(name, join(root, "test/ecosystem/nuxt/node_modules", name));
  for (const name of ["xstate", "socket.io-client"]) link(name);
  installPackage();
  write("package.json", JSON.stringify({ private: true, type: "module" }));
  write(
    "nuxt.config.mjs",
    'export default { compatibilityDate: "2026-01-01", telemetry: false, vite: { server: { fs: { strict: false } } } };\n',
  );
  // What a browser asks for by itself.
  write("public/favicon.ico", "");
  write(
    "app/connection.js",
    `import { createConnection, webStorage } from "socket-rotor";

export const connection = createConnection({ url: "${url}", storage: webStorage("accessToken"), autoConnect: false });
`,
  );
  write(
    "app/app.vue",
    `<script setup>
import { useConnectionSnapshot, useSocketEvent } from "socket-rotor/vue";
import { onMounted, ref } from "vue";
import { connection } from "./connection";

const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
const line = ref("");
useSocketEvent(connection.socket, "message", (text) => {
  line.value = text;
});
onMounted(() => connection.connect());
</script>

<template>
  <p>{{ status }} {{ line }}</p>
</template>
`,
  );
  run(process.execPath, [join(folder, "node_modules/nuxt/bin/nuxt.mjs"), "build"], { env });
  const found = buildIn(".output/public/_nuxt");
  if (found !== "production") throw new Error(`The page has the build for ${found}.`);
}

await tryPage("Nuxt", build, () => [".output/server/index.mjs"]);
