/** A chart that `npm run diagram` has drawn, as a part of a page: the page has the styles, and ids of its own. */
export const bareSvg = (svg: string): string =>
  svg.replace(/<style>.*?<\/style>/s, "").replaceAll(/ id="[^"]*"/g, "");
