const isAll = process.env["SCHEDULES"] === "all";

/** How much of something `npm test` does, and how much `npm run test:all` does, which sets `SCHEDULES=all`. */
export function amount(usual: number, all: number): number {
  return isAll ? all : usual;
}
