/**
 * The transition table, written by hand from the rules of the design and kept apart from the machine: for every
 * leaf (a column) and every event (a row) where it leads.
 *
 * `.` stays · `!` stays, and the storage is read · `>` stays in the state but starts over with a new link ·
 * otherwise the first letters of the leaf it leads to, as named in LEAVES.
 */
export const LEAVES = {
  stop: "idle.stopped",
  exha: "idle.exhausted",
  read: "connecting.reading",
  open: "connecting.opening",
  wait: "connecting.waiting",
  refr: "connecting.refreshing",
  stea: "connected.steady",
  cref: "connected.refreshing",
  sett: "rotating.replacing.settling",
  ropn: "rotating.replacing.opening",
  sign: "loggedOut.signedOut",
  reje: "loggedOut.rejected",
} as const;

export const TABLE = `
                             | stop | exha | read | open | wait | refr | stea | cref | sett | ropn | sign | reje
token.maybeChanged           |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !
token.changed same           |  .   | read | open |  >   | open | open | sett | sett |  .   |  >   | open | open
token.changed other          |  .   | read | open |  >   | open | open | ropn | ropn | ropn |  >   | open | open
token.unchanged              |  .   |  .   | open |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
token.unchanged refused      |  .   |  .   | refr |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
token.unchanged final        |  .   |  .   | reje |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
token.removed                |  .   | sign | sign | sign | sign | sign | sign | sign | sign | sign |  .   | sign
token.unreadable             |  .   |  .   | wait | wait |  .   |  .   | wait | wait | wait | wait |  .   |  .
token.unreadable last        |  .   |  .   | exha | exha |  .   |  .   | exha | exha | exha | exha |  .   |  .
token.refreshFailed          |  .   |  .   |  .   |  .   |  .   | wait |  .   | stea |  .   |  .   |  .   |  .
token.refreshFailed last     |  .   |  .   |  .   |  .   |  .   | exha |  .   | stea |  .   |  .   |  .   |  .
io.connected                 |  .   |  .   |  .   | stea |  .   |  .   |  .   |  .   |  .   | stea |  .   |  .
io.connected stale           |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
io.refused retry             |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | wait | wait |  .   |  .
io.refused retry at once     |  .   |  .   |  .   | read |  .   |  .   | read | read | read | read |  .   |  .
io.refused at once twice     |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | wait | wait |  .   |  .
io.refused retry last        |  .   |  .   |  .   | exha |  .   |  .   | exha | exha | exha | exha |  .   |  .
io.refused refresh           |  .   |  .   |  .   | refr |  .   |  .   | refr | refr | ropn | refr |  .   |  .
io.refused refresh again     |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | ropn | wait |  .   |  .
io.refused refresh last      |  .   |  .   |  .   | refr |  .   |  .   | refr | refr | ropn | refr |  .   |  .
io.refused after refresh     |  .   |  .   |  .   | reje |  .   |  .   | reje | reje | ropn | reje |  .   |  .
io.refused no refresh        |  .   |  .   |  .   | reje |  .   |  .   | reje | reje | ropn | reje |  .   |  .
io.refused logout            |  .   |  .   |  .   | reje |  .   |  .   | reje | reje | ropn | reje |  .   |  .
io.refused logout last       |  .   |  .   |  .   | reje |  .   |  .   | reje | reje | ropn | reje |  .   |  .
io.refused logout stale      |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
io.failed                    |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | wait | wait |  .   |  .
io.failed last               |  .   |  .   |  .   | exha |  .   |  .   | exha | exha | exha | exha |  .   |  .
io.failed stale              |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
io.disconnected retry        |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | wait | wait |  .   |  .
io.disconnected at once      |  .   |  .   |  .   | read |  .   |  .   | read | read | read | read |  .   |  .
io.disconnected last         |  .   |  .   |  .   | exha |  .   |  .   | exha | exha | exha | exha |  .   |  .
io.disconnected refresh      |  .   |  .   |  .   | refr |  .   |  .   | refr | refr | ropn | refr |  .   |  .
io.disconnected again        |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | ropn | wait |  .   |  .
io.disconnected logout       |  .   |  .   |  .   | reje |  .   |  .   | reje | reje | ropn | reje |  .   |  .
io.disconnected stale        |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
io.settled                   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | ropn |  .   |  .   |  .
io.settled stale             |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
network.online               |  .   | read |  !   |  !   | read |  !   |  !   |  !   |  !   |  !   |  !   |  !
network.offline              |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
page.resumed                 |  .   | read |  !   |  !   | read |  !   |  !   |  !   |  !   |  !   |  !   |  !
connect                      | read | read |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  !   | read
disconnect                   |  .   | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop
refresh                      |  .   |  .   | refr | refr | refr |  .   | cref |  .   |  .   |  .   |  .   | refr
refresh no refresh           |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
after reconnectionDelay      |  .   |  .   |  .   |  .   | read |  .   |  .   |  .   |  .   |  .   |  .   |  .
after reconnectionDelay due  |  .   |  .   |  .   |  .   | read |  .   |  .   |  .   |  .   |  .   |  !   |  !
after timeout                |  .   |  .   |  .   | wait |  .   |  .   |  .   |  .   |  .   | wait |  .   |  .
after timeout last           |  .   |  .   |  .   | exha |  .   |  .   |  .   |  .   |  .   | exha |  .   |  .
after stableAfter            |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .
after drainTimeout           |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | ropn |  .   |  .   |  .
`;
