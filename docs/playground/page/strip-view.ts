import { TICK } from "../events.js";
import { BIN, Bins } from "./bins.js";
import { byId } from "./dom.js";
import type { PlaygroundConnection } from "./playground-connection.js";
import { RotationGaps } from "./rotation-gaps.js";
import { outermost } from "./state-path.js";
import { drawStrip } from "./strip-drawing.js";

export interface Strip {
  /** Takes the path of the state after each event. */
  onState(path: string): void;
  /** Counts what the server sends, from now on. */
  follow(connection: PlaygroundConnection): void;
}

/** Draws the messages of the last 20 seconds, and says what the last change of token has cost. */
export function createStrip(): Strip {
  const canvas = byId("strip", HTMLCanvasElement);
  const gapWords = byId("gaps", HTMLElement);
  const tickWords = byId("tick", HTMLElement);
  const bins = new Bins();
  const gaps = new RotationGaps();
  let last: { sequence: number; startedAt: number } | undefined;
  let missed = 0;

  const redraw = () => {
    drawStrip(canvas, bins.past(performance.now()));
    gapWords.textContent = inWords(gaps);
    if (last !== undefined) tickWords.textContent = `One each ${TICK} ms, ${missed} missed`;
  };

  return {
    onState(path) {
      const now = performance.now();
      gaps.onState(now, path);
      bins.setState(now, outermost(path));
      bins.setRotation(now, path.startsWith("rotating") ? gaps.way : undefined);
    },
    follow({ socket, subscribe, getSnapshot }) {
      socket.on("tick", (tick) => {
        const now = performance.now();
        bins.at(now).messages += 1;
        const passedBy =
          last?.startedAt === tick.startedAt ? Math.max(0, tick.sequence - last.sequence - 1) : 0;
        gaps.onMessage(now, passedBy);
        missed += passedBy;
        last = tick;
      });
      subscribe(() => {
        const { status } = getSnapshot();
        // Nobody misses anything who does not want to listen.
        if (status === "idle" || status === "loggedOut") last = undefined;
      });
      redraw();
      setInterval(redraw, BIN);
    },
  };
}

function inWords({ last }: RotationGaps): string {
  if (last === undefined) return "";
  const { way, silence, missed } = last;
  return `The last change of token, ${way}: ${missed} missed, ${Math.round(silence)} ms without one.`;
}
