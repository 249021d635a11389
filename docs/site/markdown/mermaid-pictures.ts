import { renderMermaidSVG } from "beautiful-mermaid";
import type { MarkdownRenderer } from "vitepress";
import { bareSvg } from "../bare-svg.js";

/**
 * Draws flowcharts, as GitHub does. The charts that are given "as text, for tools that read Mermaid" stay text: their
 * pictures are on the same page.
 */
export function mermaidPictures(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index];
    if (token?.info === "mermaid" && token.content.startsWith("flowchart")) {
      return `<p class="picture flowchart" v-pre>${draw(token.content)}</p>`;
    }
    return fence?.(tokens, index, options, env, self) ?? "";
  };
}

/** Without the styles that the package brings, which load a font from elsewhere: theme/pictures.css has ours. */
const draw = (text: string): string =>
  bareSvg(renderMermaidSVG(text, { bg: "var(--vp-c-bg)", transparent: true })).replaceAll(/\n\s*/g, "");
