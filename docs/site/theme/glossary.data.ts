import { type GlossaryTerm, readGlossary } from "../markdown/glossary.js";

/** The terms by their anchors. VitePress fills it in when the site is built. */
declare const data: Readonly<Record<string, GlossaryTerm>>;

export { data };

export default {
  watch: ["../../glossary.md"],
  load: () => Object.fromEntries(readGlossary().map((term) => [term.id, term])),
};
