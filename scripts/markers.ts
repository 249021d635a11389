/** A document with what is between its markers drawn anew: `<!-- name: … -->` and `<!-- name end -->`. */
export function fillMarkers(document: string, drawn: Readonly<Record<string, string>>): string {
  return Object.entries(drawn).reduce((text, [name, content]) => {
    const begin = new RegExp(`<!-- ${name}: .* -->`).exec(text);
    if (begin === null) return text;
    const contentAt = begin.index + begin[0].length;
    const endAt = text.indexOf(`<!-- ${name} end -->`, contentAt);
    if (endAt === -1) throw new Error(`The marker "${name}" has no end`);
    return `${text.slice(0, contentAt)}\n\n${content}\n\n${text.slice(endAt)}`;
  }, document);
}
