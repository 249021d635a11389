/** A part of a picture, in its own units. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const MARGIN = 40;
const DURATION = 350;

/** Shows one part of a picture after the other. */
export class Camera {
  readonly #picture: SVGSVGElement;
  readonly #whole: Box;
  readonly #canMove = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  #now: Box;
  #moving = 0;

  constructor(picture: SVGSVGElement) {
    this.#picture = picture;
    const { x, y, width, height } = picture.viewBox.baseVal;
    this.#whole = { x, y, width, height };
    this.#now = this.#whole;
  }

  showAll(): void {
    this.#moveTo(this.#whole);
  }

  /** Shows all of some boxes, with a margin, and never larger than drawn. */
  show(boxes: readonly Box[]): void {
    if (boxes.length === 0) return;
    const left = Math.min(...boxes.map(({ x }) => x)) - MARGIN;
    const top = Math.min(...boxes.map(({ y }) => y)) - MARGIN;
    const right = Math.max(...boxes.map(({ x, width }) => x + width)) + MARGIN;
    const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + MARGIN;
    const width = Math.max(right - left, this.#picture.clientWidth);
    const height = Math.max(bottom - top, this.#picture.clientHeight);
    this.#moveTo({ x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height });
  }

  #moveTo(target: Box): void {
    cancelAnimationFrame(this.#moving);
    const from = this.#now;
    const began = performance.now();
    const move = () => {
      const passed = this.#canMove ? Math.min(1, (performance.now() - began) / DURATION) : 1;
      const share = 1 - (1 - passed) ** 3;
      const at = (name: keyof Box) => from[name] + (target[name] - from[name]) * share;
      this.#now = { x: at("x"), y: at("y"), width: at("width"), height: at("height") };
      this.#picture.setAttribute("viewBox", Object.values(this.#now).join(" "));
      if (passed < 1) this.#moving = requestAnimationFrame(move);
    };
    move();
  }
}
