/**
 * The transition tables of the credential chart, written by hand from the rules of the design and kept apart from the
 * chart: for every leaf of a region (a column) and every event (a row) where it leads, and what is told to whom.
 *
 * `.` stays · otherwise the first letters of the leaf that it leads to, as named in LEAVES · `-` this leaf is not found
 * with these settings. After the leaf stands what it tells, in the words of TOLD.
 *
 * The regions are independent of each other: what an event does in a state is what it does in each of its three leaves.
 */
export const REGIONS = {
  storage: { unre: "unread", rdng: "reading", read: "read" },
  token: {
    abse: "absent",
    unwa: "good.unwatched",
    watc: "good.watched",
    gref: "good.refreshing",
    untw: "untried.waiting",
    untr: "untried.refreshing",
    rwai: "refused.waiting",
    rref: "refused.refreshing",
    reje: "rejected",
  },
  session: { sett: "settled", rene: "awaited.renewing", pres: "awaited.presented", over: "overdue" },
} as const;

/** Who hears it, and the event. */
export const TOLD: Record<string, string> = {
  changed: "connection token.changed",
  certain: "connection token.certain",
  refused: "connection token.refused",
  rejected: "connection token.rejected",
  removed: "connection token.removed",
  unreadable: "connection token.unreadable",
  refreshing: "connection token.refreshing",
  failed: "connection token.refreshFailed",
  reads: "storage read",
  renews: "storage renew",
  announces: "storage announce",
  forgets: "storage forget",
  asks: "refresher refresh",
  abandons: "refresher abandon",
  watches: "refresher watch",
  unwatches: "refresher unwatch",
};

export const TABLES: Record<keyof typeof REGIONS, string> = {
  storage: `
                        | unre         | rdng            | read
token.maybeChanged      | rdng reads   | . reads         | rdng reads
token.changed           | read         | read            | .
token.changed login     | read         | read            | .
token.unchanged         | read         | read            | .
token.removed           | read         | read            | .
token.unreadable        | . unreadable | unre unreadable | unre unreadable
token.due               | .            | .               | .
token.due no refresh    | .            | .               | .
token.refreshFailed     | .            | .               | .
read                    | rdng reads   | . reads         | rdng reads
refresh                 | .            | .               | .
refresh no refresh      | .            | .               | .
refused                 | .            | .               | .
refused no refresh      | .            | .               | .
refused stale           | .            | .               | .
session.changed         | .            | .               | .
session.expected        | .            | .               | .
accepted                | .            | .               | .
retry                   | .            | .               | .
watch                   | .            | .               | .
unwatch                 | .            | .               | .
named                   | .            | .               | .
signedOut               | .            | .               | .
after stableAfter       | .            | .               | .
`,
  token: `
                        | abse               | unwa                  | watc                            | gref                  | untw                  | untr                  | rwai                  | rref                  | reje
token.maybeChanged      | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
token.changed           | unwa changed       | . changed             | unwa changed unwatches          | unwa changed          | unwa changed          | unwa changed          | unwa changed          | untw changed          | unwa changed
token.changed login     | unwa changed       | . changed             | unwa changed unwatches          | unwa changed          | unwa changed          | unwa changed          | unwa changed          | untw changed          | unwa changed
token.unchanged         | .                  | . certain             | . certain                       | . certain             | . certain             | . certain             | . refused             | . refused             | . rejected
token.removed           | . removed abandons | abse removed abandons | abse removed abandons unwatches | abse removed abandons | abse removed abandons | abse removed abandons | abse removed abandons | abse removed abandons | abse removed abandons
token.unreadable        | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
token.due               | .                  | .                     | gref refreshing asks unwatches  | .                     | .                     | .                     | .                     | .                     | .
token.due no refresh    | .                  | .                     | .                               | -                     | -                     | -                     | -                     | -                     | .
token.refreshFailed     | .                  | . failed              | . failed                        | unwa failed           | .                     | untw failed           | .                     | rwai failed           | .
read                    | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
refresh                 | .                  | gref asks             | gref asks unwatches             | . asks                | untr asks             | . asks                | rref asks             | . asks                | rref asks
refresh no refresh      | .                  | .                     | .                               | -                     | -                     | -                     | -                     | -                     | .
refused                 | .                  | rwai                  | rwai unwatches                  | rwai                  | reje                  | reje                  | .                     | .                     | .
refused no refresh      | .                  | reje                  | reje unwatches                  | -                     | -                     | -                     | -                     | -                     | .
refused stale           | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
session.changed         | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
session.expected        | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
accepted                | .                  | .                     | .                               | .                     | unwa                  | unwa                  | .                     | .                     | .
retry                   | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | unwa
watch                   | .                  | watc watches          | . watches unwatches             | watc watches          | .                     | .                     | .                     | .                     | .
unwatch                 | .                  | .                     | unwa unwatches                  | .                     | .                     | .                     | .                     | .                     | .
named                   | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
signedOut               | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
after stableAfter       | .                  | .                     | .                               | .                     | .                     | .                     | .                     | .                     | .
`,
  session: `
                        | sett        | rene         | pres         | over
token.maybeChanged      | .           | .            | .            | .
token.changed           | .           | pres         | .            | sett
token.changed login     | pres        | pres         | .            | pres
token.unchanged         | .           | .            | .            | .
token.removed           | .           | over         | sett         | .
token.unreadable        | .           | .            | .            | .
token.due               | .           | .            | .            | .
token.due no refresh    | .           | .            | .            | .
token.refreshFailed     | .           | .            | .            | .
read                    | .           | .            | .            | .
refresh                 | .           | .            | .            | .
refresh no refresh      | .           | .            | .            | .
refused                 | .           | .            | .            | .
refused no refresh      | .           | .            | .            | .
refused stale           | .           | .            | .            | .
session.changed         | rene renews | . renews     | rene renews  | rene renews
session.expected        | pres        | pres         | .            | pres
accepted                | .           | .            | sett         | .
retry                   | .           | .            | .            | .
watch                   | .           | .            | .            | .
unwatch                 | .           | .            | .            | .
named                   | . announces | . announces  | . announces  | . announces
signedOut               | . forgets   | over forgets | sett forgets | . forgets
after stableAfter       | .           | over         | sett         | .
`,
};
