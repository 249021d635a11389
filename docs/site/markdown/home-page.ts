import type { MarkdownRenderer } from "vitepress";
import { sourceOf } from "./tokens.js";

/** The first page is the README. Below its first sentence it has a playground here. */
export function homePage(md: MarkdownRenderer): void {
  md.core.ruler.push("home page", (state) => {
    if (sourceOf(state.env) !== "index.md") return;
    const code = state.tokens.findIndex(({ type }) => type === "fence");
    const token = new state.Token("html_block", "", 0);
    token.content = "<HomePlayground />\n";
    state.tokens.splice(code, 0, token);
  });
}
