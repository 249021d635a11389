/** What V8 writes of a frame: `at name (place)`, or `at place`. */
const FRAME = /^\s*at (?:.* \((.+)\)|(.+))$/;
/** A file with the line and the column, which is no part of Node. What is longer is no file, but what somebody sent. */
const PLACE = /^(?!node:)(.{1,500}:\d+):\d+$/;

/**
 * Where an error was thrown, as the file and the line of the topmost frame that is no part of Node. Nothing of the
 * error's message, which may hold what must be in no log line, and may look like a frame.
 */
export function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== "string") return undefined;
  const head = error.message === "" ? "\n" : `: ${error.message}\n`;
  const end = error.stack.indexOf(head);
  if (end < 0) return undefined;
  for (const line of error.stack.slice(end + head.length).split("\n")) {
    const frame = FRAME.exec(line);
    const place = PLACE.exec(frame?.[1] ?? frame?.[2] ?? "")?.[1];
    if (place !== undefined) return place;
  }
  return undefined;
}
