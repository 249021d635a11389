import type { Frame, Page } from "playwright";

/** What WCAG asks of small text. */
const ENOUGH = 4.5;

/** The texts of a page that have less contrast to what is behind them than WCAG asks of small text, 4.5 to 1. */
export const faintIn = (frame: Frame | Page): Promise<string[]> =>
  frame.evaluate((enough) => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("There is no canvas.");
    /** Of colours one above the other, of which some let those below shine through. */
    const luminance = (colours: readonly string[]): number => {
      for (const colour of ["white", ...colours]) {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data].map((channel) => {
        const share = channel / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element | null): string[] =>
      element === null ? [] : [...behind(element.parentElement), getComputedStyle(element).backgroundColor];
    const hasText = (element: Element): boolean =>
      [...element.childNodes].some(({ nodeType, nodeValue }) => nodeType === 3 && nodeValue?.trim() !== "");
    return [...document.querySelectorAll<HTMLElement | SVGTextElement>("body, body *")]
      .filter((element) => hasText(element) && element.checkVisibility({ visibilityProperty: true }))
      .filter((element) => !["STYLE", "SCRIPT", "title", "OPTION"].includes(element.tagName))
      .filter((element) => {
        const { color, fill } = getComputedStyle(element);
        const back = behind(element);
        const front = element instanceof SVGElement ? fill : color;
        const pair = [luminance([...back, front]), luminance(back)];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) < enough;
      })
      .map((element) => `${element.tagName} ${element.id} ${element.textContent?.trim().slice(0, 40)}`);
  }, ENOUGH);
