import type { MarkdownRenderer } from "vitepress";
import { type GlossaryTerm, readGlossary } from "./glossary.js";
import { sourceOf, type Token } from "./tokens.js";

const GLOSSARY = "docs/glossary.md";

/** Pages in English whose words are those of the glossary, and not the glossary itself. */
const isExplained = (path: string): boolean =>
  /^(index|docs\/[^/]+|docs\/recipes\/[^/]+)\.md$/.test(path) &&
  !path.includes(".zh-CN.") &&
  path !== GLOSSARY;

/** Puts the meaning of a term where it stands first on each page, and an anchor at its row of the glossary. */
export function glossaryTerms(md: MarkdownRenderer): void {
  const glossary = readGlossary();
  const terms = new Map(glossary.flatMap((term) => term.words.map((word) => [word, term] as const)));
  const longestFirst = [...terms.keys()].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(`(?<![\\w-])(${longestFirst.join("|")})(s?)(?![\\w-])`, "gi");

  md.core.ruler.push("glossary terms", (state) => {
    const path = sourceOf(state.env);
    if (path === GLOSSARY) markRows(state.tokens, glossary);
    if (!isExplained(path)) return;
    const seen = new Set<GlossaryTerm>();
    for (const [index, token] of state.tokens.entries()) {
      const before = state.tokens[index - 1]?.type;
      if (token.type !== "inline" || before === "heading_open" || before === "th_open") continue;
      token.children = explain(token.children ?? []);
    }

    function explain(children: readonly Token[]): Token[] {
      let links = 0;
      return children.flatMap((child) => {
        if (child.type === "link_open") links += 1;
        if (child.type === "link_close") links -= 1;
        return child.type === "text" && links === 0 ? split(child) : [child];
      });
    }

    function split(child: Token): Token[] {
      const parts: Token[] = [];
      let end = 0;
      const add = (type: string, content: string): void => {
        const token = new state.Token(type, "", 0);
        token.content = content;
        parts.push(token);
      };
      for (const match of child.content.matchAll(pattern)) {
        const [word, singular = ""] = match;
        const term = terms.get(singular.toLowerCase());
        if (term === undefined || seen.has(term)) continue;
        seen.add(term);
        add("text", child.content.slice(end, match.index));
        add("html_inline", `<GlossaryTerm name="${term.id}">${word}</GlossaryTerm>`);
        end = match.index + word.length;
      }
      add("text", child.content.slice(end));
      return parts.filter(({ content }) => content !== "");
    }
  });
}

/** The first cell of a row is what an explanation leads to. */
function markRows(tokens: readonly Token[], glossary: readonly GlossaryTerm[]): void {
  for (const [index, token] of tokens.entries()) {
    if (token.type !== "tr_open" || tokens[index + 1]?.type !== "td_open") continue;
    const words = tokens[index + 2]?.children?.map(({ content }) => content).join("") ?? "";
    const term = glossary.find((each) => words === each.words.join(", "));
    if (term !== undefined) token.attrSet("id", term.id);
  }
}
