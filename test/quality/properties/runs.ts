import { amount } from "../../support/amount.js";

/** How many schedules there are between fakes, with real servers, and of owners alone; `npm run test:soak` goes on for as long as one likes. */
export const fakeRuns = amount(500, 20_000);
export const serverRuns = amount(60, 500);
export const ownerRuns = amount(2_000, 20_000);
