import type { Tooth } from "./tooth.js";

/** F54, F63 to F65 and F67: what the halves believe of each other, and keep. */
export const LIMITS: readonly Tooth[] = [
  {
    promise: "F64",
    what: "The lifetime that the client is told has grace in it",
    file: "src/server/credential.ts",
    find: "(expiresAt ?? Number.NaN) + grace - Date.now()",
    replace: "(expiresAt ?? Number.NaN) - Date.now()",
    test: ["test/server/expiry.test.ts", "has grace in it, at ready and when it is re-authenticated"],
  },
  {
    promise: "F64",
    what: "The client is not told of a lifetime that is over",
    file: "src/server/credential.ts",
    find: "return expiresIn > 0 ? { expiresIn } : {};",
    replace: "return { expiresIn: Math.max(0, expiresIn) };",
    test: ["test/server/expiry.test.ts", "is left out at a ready that comes when the token is over"],
  },
  {
    promise: "F64",
    what: "Where each fresh token is nearly over, each refresh waits longer",
    file: "src/storage/expiry.ts",
    find: "REST * 2 ** before",
    replace: "REST",
    test: [
      "test/told-lifetime.test.ts",
      "is asked with growing delays, not each second: 'opaque tokens', 'on the same link'",
    ],
  },
];
