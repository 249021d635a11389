/** A chart that `npm run diagram` has drawn, without the styles for when it stands alone: the page's own apply. */
export function inlineSvg(text: string): SVGSVGElement {
  const bare = text.replace(/<style>.*?<\/style>/s, "");
  const svg = new DOMParser().parseFromString(bare, "image/svg+xml").documentElement;
  if (!(svg instanceof SVGSVGElement))
    throw new Error("The chart is no SVG. `npm run diagram` draws it anew.");
  return svg;
}
