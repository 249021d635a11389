/** By how many characters in a row a token would be recognised. */
const RECOGNISABLE = 12;

const HALF = RECOGNISABLE / 2;

/**
 * Answers whether a text holds twelve characters in a row of any segment of these tokens. Wherever twelve begin, they
 * cover one of the blocks of six that the text is made of: only where such a block is known is it looked at closely.
 */
function searchFor(tokens: readonly string[]): (text: string) => boolean {
  const segments = tokens.flatMap((token) => token.split(".")).filter(({ length }) => length >= RECOGNISABLE);
  const windows = (size: number): Set<string> => {
    const all = new Set<string>();
    for (const segment of segments)
      for (let at = 0; at + size <= segment.length; at += 1) all.add(segment.slice(at, at + size));
    return all;
  };
  const blocks = windows(HALF);
  const runs = windows(RECOGNISABLE);
  return (text) => {
    for (let block = 0; block + HALF <= text.length; block += HALF) {
      if (!blocks.has(text.slice(block, block + HALF))) continue;
      for (let at = Math.max(0, block - HALF); at <= block; at += 1)
        if (runs.has(text.slice(at, at + RECOGNISABLE))) return true;
    }
    return false;
  };
}

/**
 * Where in a value a part of a token is found: in every string and key that can be reached through own properties,
 * hidden ones and errors' stacks included, maps, sets and the prototypes of the application's classes. Functions
 * are not looked into. Answers with paths, such as `$.snapshot.context.code`.
 */
export function findSecrets(value: unknown, tokens: readonly string[]): string[] {
  const seen = new Set<object>();
  const found: string[] = [];
  const isSecret = searchFor(tokens);
  const due: Array<{ value: unknown; path: string }> = [{ value, path: "$" }];
  for (let next = due.pop(); next; next = due.pop()) {
    const { value: at, path } = next;
    if (typeof at === "string" && isSecret(at)) found.push(`${path} = ${at.slice(0, 200)}`);
    if (typeof at === "symbol" && isSecret(String(at))) found.push(path);
    if (typeof at !== "object" || at === null || seen.has(at)) continue;
    seen.add(at);
    if (at instanceof Map || at instanceof Set) due.push({ value: [...at], path: `${path}<entries>` });
    if (ArrayBuffer.isView(at))
      due.push({ value: Buffer.from(at.buffer).toString("latin1"), path: `${path}<bytes>` });
    else {
      for (const key of Reflect.ownKeys(at)) {
        if (isSecret(String(key))) found.push(`${path} has the key ${String(key)}`);
        const descriptor = Reflect.getOwnPropertyDescriptor(at, key);
        if (descriptor && "value" in descriptor)
          due.push({ value: descriptor.value, path: `${path}.${String(key)}` });
      }
    }
  }
  return found;
}
