/** A part of a picture, in its own units. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const MARGIN = 40;
/** Smaller than this nothing can be read. */
const LEAST_SCALE = 0.55;
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

  /** Shows boxes with a margin, never larger than drawn. Where they are too far apart for that, only the last one. */
  show(boxes: readonly Box[]): void {
    const { clientWidth, clientHeight } = this.#picture;
    const around = surround(boxes);
    const fits = around.width * LEAST_SCALE <= clientWidth && around.height * LEAST_SCALE <= clientHeight;
    const { x, y, width, height } = fits ? around : surround(boxes.slice(-1));
    const view = { width: Math.max(width, clientWidth), height: Math.max(height, clientHeight) };
    this.#moveTo({ x: x + (width - view.width) / 2, y: y + (height - view.height) / 2, ...view });
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

function surround(boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map(({ x }) => x)) - MARGIN;
  const top = Math.min(...boxes.map(({ y }) => y)) - MARGIN;
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) + MARGIN;
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + MARGIN;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
