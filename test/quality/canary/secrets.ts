/** By how many characters in a row a token would be recognised. */
const RECOGNISABLE = 12;

const HALF = RECOGNISABLE / 2;

/** What is looked for: a text that holds twelve characters in a row of any segment of these tokens. */
export class Secrets {
  readonly #tokens = new Set<string>();
  /** Wherever twelve characters begin, they cover one of the blocks of six that the text is made of. */
  readonly #blocks = new Set<string>();
  readonly #runs = new Set<string>();

  add(token: string): void {
    if (this.#tokens.has(token)) return;
    this.#tokens.add(token);
    for (const segment of token.split(".")) {
      if (segment.length < RECOGNISABLE) continue;
      for (const each of windows(segment, HALF)) this.#blocks.add(each);
      for (const each of windows(segment, RECOGNISABLE)) this.#runs.add(each);
    }
  }

  /**
   * Where in a value a part of a token is found: in every string and key that can be reached through own properties,
   * hidden ones and errors' stacks included, maps, sets and the prototypes of the application's classes. Functions
   * are not looked into. Answers with paths, such as `$.snapshot.context.code`.
   */
  findIn(value: unknown): string[] {
    const seen = new Set<object>();
    const found: string[] = [];
    const due: Array<{ value: unknown; path: string }> = [{ value, path: "$" }];
    for (let next = due.pop(); next; next = due.pop()) {
      const { value: at, path } = next;
      if (typeof at === "string" && this.#isIn(at)) found.push(`${path} = ${at.slice(0, 200)}`);
      if (typeof at === "symbol" && this.#isIn(String(at))) found.push(path);
      if (typeof at !== "object" || at === null || seen.has(at)) continue;
      seen.add(at);
      if (at instanceof Map || at instanceof Set) due.push({ value: [...at], path: `${path}<entries>` });
      if (ArrayBuffer.isView(at))
        due.push({ value: Buffer.from(at.buffer).toString("latin1"), path: `${path}<bytes>` });
      else {
        for (const key of Reflect.ownKeys(at)) {
          if (this.#isIn(String(key))) found.push(`${path} has the key ${String(key)}`);
          const descriptor = Reflect.getOwnPropertyDescriptor(at, key);
          if (descriptor && "value" in descriptor)
            due.push({ value: descriptor.value, path: `${path}.${String(key)}` });
        }
      }
    }
    return found;
  }

  /** Only where a block is known is the text around it looked at closely. */
  #isIn(text: string): boolean {
    for (let block = 0; block + HALF <= text.length; block += HALF) {
      if (!this.#blocks.has(text.slice(block, block + HALF))) continue;
      for (let at = Math.max(0, block - HALF); at <= block; at += 1)
        if (this.#runs.has(text.slice(at, at + RECOGNISABLE))) return true;
    }
    return false;
  }
}

function windows(text: string, size: number): string[] {
  return Array.from({ length: text.length - size + 1 }, (_, at) => text.slice(at, at + size));
}

/** Where in a value a part of one of these tokens is found, as {@link Secrets.findIn} answers it. */
export function findSecrets(value: unknown, tokens: readonly string[]): string[] {
  const secrets = new Secrets();
  for (const token of tokens) secrets.add(token);
  return secrets.findIn(value);
}
