/** One after the other of what belongs together, at once where nothing is under way. */
export type Queue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** @param patience - How long one may hold up the next, in milliseconds. */
export function createQueue(patience: number): Queue {
  const tails = new Map<string, Promise<void>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(key);
    const answer = before === undefined ? work() : before.then(work);
    const tail = settledWithin(answer, before, patience).then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    tails.set(key, tail);
    return answer;
  };
}

async function settledWithin(
  answer: Promise<unknown>,
  before: Promise<void> | undefined,
  milliseconds: number,
): Promise<void> {
  await before;
  if (milliseconds === Number.POSITIVE_INFINITY) {
    await answer.catch(() => {});
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([answer.then(noop, noop), patience]);
  clearTimeout(timer);
}

function noop(): void {}
