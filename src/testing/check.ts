import { invalidOption } from "../errors.js";
import { describeType, isFunction, property } from "../value.js";

/** What a field that is handed in has to be: what `typeof` says of it, and what it is for, in words. */
interface Field {
  kind: "function" | "object" | "boolean" | "number" | "string";
  words: string;
  isOptional?: true;
  /** The methods that an object has to have. */
  methods?: readonly string[];
  /** Its fields that have to be arrays. */
  arrays?: readonly string[];
}

/** The fields of an object that is handed in, by name. */
export type Shape<T extends object> = Readonly<Record<keyof T, Field>>;

/**
 * Refuses an object that lacks a field, has one of another kind or one that there is not, so that a slip of the pen
 * cannot leave something unchecked.
 *
 * @param what - Whose object it is, as the error begins.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the field and what it takes.
 */
export function checkShape<T extends object>(what: string, given: unknown, shape: Shape<T>): void {
  const fields = Object.entries<Field>(shape);
  if (typeof given !== "object" || given === null) {
    const needed = fields.filter(([, { isOptional }]) => !isOptional).map(([name]) => name);
    const takes = `an object${needed.length > 0 ? ` with ${needed.join(", ")}` : ""}`;
    throw invalidOption(`${what}: it takes ${takes}, but got ${describeType(given)}.`);
  }
  for (const [name, field] of fields) checkField(what, name, property(given, name), field);
  // An instance of a class may keep what it likes.
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype !== Object.prototype && prototype !== null) return;
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(shape, name)) continue;
    throw invalidOption(`${what}: there is no "${name}". It takes: ${Object.keys(shape).sort().join(", ")}.`);
  }
}

function checkField(what: string, name: string, value: unknown, field: Field): void {
  const { kind, words, isOptional, methods = [], arrays = [] } = field;
  if (value === undefined && isOptional) return;
  if (value === undefined) throw invalidOption(`${what}: "${name}" is missing. It takes ${words}.`);
  if (typeof value !== kind || value === null) {
    throw invalidOption(`${what}: "${name}" takes ${words}, but got ${describeType(value)}.`);
  }
  for (const method of methods) {
    if (isFunction(property(value, method))) continue;
    throw invalidOption(`${what}: "${name}" takes ${words}; its method "${method}" is missing.`);
  }
  for (const array of arrays) {
    if (Array.isArray(property(value, array))) continue;
    throw invalidOption(`${what}: "${name}" takes ${words}; its array "${array}" is missing.`);
  }
}

/** Refuses what is no function. */
export function checkFunction(what: string, given: unknown, words: string): void {
  if (!isFunction(given)) throw invalidOption(`${what} takes ${words}, but got ${describeType(given)}.`);
}
