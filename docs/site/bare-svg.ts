/**
 * A picture as a part of a page, which has the styles, and ids of its own; but what the picture itself points to keeps
 * its name. `npm run diagram` has drawn most of them.
 */
export const bareSvg = (svg: string): string =>
  svg.replace(/<style>.*?<\/style>/s, "").replaceAll(/(<(?:g|svg)[^>]*?) id="[^"]*"/g, "$1");
