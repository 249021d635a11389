import type { MarkdownEnv, MarkdownRenderer } from "vitepress";

/** A token of markdown-it, which VitePress renders by. */
export type Token = ReturnType<MarkdownRenderer["parse"]>[number];

/** Those inside paragraphs, headings and cells. */
export const inlineTokens = (tokens: readonly Token[]): Token[] =>
  tokens.flatMap(({ children }) => children ?? []);

/** The page that is rendered, by its path from the root; "" where there is none, as for a title alone. */
export const sourceOf = (env: MarkdownEnv): string => env.relativePath ?? "";
