/** An event of the machine: plain data, no token in it. */
export interface PlainEvent {
  type: string;
  [field: string]: string | number | boolean;
}

/** Of an event what is a number, a code or a truth value: all there is in the machine's own. */
export function plainEvent(event: { type: string }): PlainEvent {
  const plain: PlainEvent = { type: event.type };
  for (const [key, value] of Object.entries<unknown>(event)) if (isPlain(value)) plain[key] = value;
  return plain;
}

/** The event as one reads it in code: `token.changed`, or `after reconnectionDelay`. */
export function eventName({ type }: PlainEvent): string {
  const [, delay] = AFTER.exec(type) ?? [];
  return delay === undefined ? type : `after ${delay}`;
}

/** What the event carries: numbers and codes. */
export function eventFields({ type, ...fields }: PlainEvent): string {
  if (AFTER.test(type)) return "";
  return Object.entries(fields)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
}

const AFTER = /^xstate\.after\.(\w+)\./;

const isPlain = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value);
