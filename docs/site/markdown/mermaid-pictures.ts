import { renderMermaidSVG } from "beautiful-mermaid";
import type { MarkdownRenderer } from "vitepress";

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

/** In the colours of the theme. */
function draw(text: string): string {
  const svg = renderMermaidSVG(text, {
    bg: "var(--vp-c-bg)",
    fg: "var(--vp-c-text-1)",
    line: "var(--chart-line)",
    border: "var(--chart-edge)",
    muted: "var(--vp-c-text-2)",
    transparent: true,
  });
  return svg;
}
