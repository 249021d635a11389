import type { MarkdownRenderer } from "vitepress";
import { bareSvg } from "../bare-svg.js";
import { linkedFile, readRoot } from "../pages.js";
import { inlineTokens, sourceOf } from "./tokens.js";

/**
 * Charts become a part of the page, and not a file beside it: so they have the colours of the theme that the reader
 * has chosen, their words are found, and they can be scrolled where the screen is narrow.
 */
export function pictures(md: MarkdownRenderer): void {
  md.core.ruler.push("pictures", (state) => {
    for (const token of inlineTokens(state.tokens)) {
      const path =
        token.type === "image" ? linkedFile(sourceOf(state.env), token.attrGet("src") ?? "") : undefined;
      if (path === undefined || !path.endsWith(".svg")) continue;
      token.type = "html_inline";
      token.content = framed(readRoot(path), token.content);
    }
  });
}

/** Reachable by keyboard, as it may have to be scrolled. */
function framed(svg: string, alternative: string): string {
  const width = /viewBox="0 0 (\d+)/.exec(svg)?.[1] ?? "";
  const label = alternative.replaceAll('"', "&quot;");
  return `<span class="picture" style="--width: ${width}px" role="group" tabindex="0" aria-label="${label}" v-pre>${bareSvg(svg)}</span>`;
}
