/** `SCHEDULES=all`, as `npm run test:all` sets it, looks at many more. `npm run test:soak` goes on for as long as one likes. */
const all = process.env["SCHEDULES"] === "all";

/** How many schedules there are between fakes, with real servers, and of owners alone. */
export const fakeRuns = all ? 20_000 : 500;
export const serverRuns = all ? 500 : 60;
export const ownerRuns = all ? 20_000 : 2_000;
