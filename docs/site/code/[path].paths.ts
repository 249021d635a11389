import { codeName, linkedCode } from "../markdown/site-links.js";
import { readRoot } from "../pages.js";

const LANGUAGES: Readonly<Record<string, string>> = {
  ts: "ts",
  tsx: "tsx",
  vue: "vue",
  svelte: "svelte",
  html: "html",
};

export default {
  paths: () =>
    linkedCode().map((path) => ({
      params: { path: codeName(path) },
      content: `# ${"`"}${path}${"`"}\n\n${"````"}${LANGUAGES[path.split(".").at(-1) ?? ""] ?? ""}\n${readRoot(path)}\n${"````"}\n`,
    })),
};
