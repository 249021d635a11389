/** Settles as `work` does, or rejects when the time is up; what comes later is not heard. Leaves no timer. */
export function withinTime<T>(
  work: () => T | Promise<T>,
  milliseconds: number,
  onTime: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(onTime()), milliseconds);
    Promise.resolve()
      .then(work)
      .then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      );
  });
}
