/** Takes one protection out of the code, and names the test that must fail then. */
export interface Mutant {
  /** The number of the promise that the protection keeps, such as `F2`. */
  promise: string;
  /** The protection, as it reads in docs/guarantees.md. */
  what: string;
  /** The file that it is in, from the root of the repository. */
  file: string;
  /** Exact text that is there once. */
  find: string;
  /** What is there instead without the protection. It is not type-checked. */
  replace: string;
  /** A test file, and the title of one test in it as it is reported, without the titles around it. */
  test: readonly [file: string, title: string];
}

/**
 * The text of the file without the protection.
 * @throws Error where `find` is not there exactly once: the code has moved on, and the mutant has to follow.
 */
export function mutate({ promise, file, find, replace }: Mutant, text: string): string {
  const [before, after, ...more] = text.split(find);
  if (before !== undefined && after !== undefined && more.length === 0) return before + replace + after;
  const count = after === undefined ? "not there" : `there ${more.length + 1} times`;
  throw new Error(
    `The mutant of ${promise} looks for a text in ${file} that is ${count}, and not once: ${JSON.stringify(find)}. Change "find" in test/quality/mutation to what is the protection now.`,
  );
}
