/** A value as code without types may pass it. */
export function untyped<T>(value: unknown): T {
  const box: object = { value };
  return Reflect.get(box, "value");
}
