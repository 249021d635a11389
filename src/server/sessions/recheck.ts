/**
 * Does something again and again. The first time is at random within the interval, so that what began together, as after
 * a restart, is not done together ever after.
 *
 * @returns What ends it.
 */
export function repeat(interval: number, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const arm = (delay: number): void => {
    timer = setTimeout(() => {
      arm(interval);
      work();
    }, delay);
  };
  arm(Math.random() * interval);
  return () => clearTimeout(timer);
}
