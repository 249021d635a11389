/** A value as it is noted: plain, comparable, and with all of an error that code may look at. */
export function describeValue(value: unknown): unknown {
  if (typeof value === "function") return "a function";
  if (value instanceof Error) {
    const data: unknown = Reflect.get(value, "data");
    return data === undefined ? `Error: ${value.message}` : { error: value.message, data };
  }
  if (value instanceof ArrayBuffer) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (ArrayBuffer.isView(value)) {
    return `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;
  }
  if (Array.isArray(value)) return value.map(describeValue);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, describeValue(each)]));
  }
  return typeof value === "symbol" ? String(value) : value;
}
