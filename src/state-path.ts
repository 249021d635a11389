/** A state's value as a path, such as `rotating.replacing.settling`. */
export function pathOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, child]) => `${name}.${pathOf(child)}`)
    .join(" ");
}
