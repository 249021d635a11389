/**
 * The transition table, written by hand from the rules of the design and kept apart from the machine: for every
 * leaf (a column) and every event (a row) where it leads.
 *
 * `.` stays · `!` stays, and the storage is read · `>` stays in the state but starts over with a new link · `?` stays,
 * and the server is asked again · otherwise the first letters of the leaf it leads to, as named in LEAVES.
 *
 * An event is the link's in force, unless its row says `next` (the one being opened beside it) or `old` (the one that
 * is finishing). A leaf of `overlapping` or `draining` is found with `rotation: "overlap"`, one of `reauthenticating`
 * with a server that takes another token, unless the row says otherwise. `rotating.choosing` is left in the step in
 * which it is entered, and has no column.
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
  raas: "rotating.reauthenticating.asking",
  rawa: "rotating.reauthenticating.waiting",
  oopn: "rotating.overlapping.opening",
  opre: "rotating.overlapping.presenting",
  owai: "rotating.overlapping.waiting",
  oset: "rotating.overlapping.settling",
  drai: "rotating.draining",
  rref: "rotating.refreshing",
  sett: "rotating.replacing.settling",
  ropn: "rotating.replacing.opening",
  sign: "loggedOut.signedOut",
  reje: "loggedOut.rejected",
} as const;

export const TABLE = `
                                          | stop | exha | read | open | wait | refr | stea | cref | raas | rawa | oopn | opre | owai | oset | drai | rref | sett | ropn | sign | reje
token.maybeChanged                        |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !
token.changed same                        |   .  | read | open |   >  | open | open | sett | sett |   ?  | raas |   >  | oopn | oopn |   .  |   .  | sett |   .  |   >  | open | open
token.changed same in place               |   .  | read | open |   >  | open | open | raas | raas |   ?  | raas | raas | raas | raas |   .  |   .  | raas |   .  |   >  | open | open
token.changed same overlap                |   .  | read | open |   >  | open | open | oopn | oopn | oopn | oopn |   >  | oopn | oopn |   .  |   .  | oopn |   .  |   >  | open | open
token.changed same replace                |   .  | read | open |   >  | open | open | sett | sett | sett | sett | sett | sett | sett |   .  |   .  | sett |   .  |   >  | open | open
token.changed same waking                 |   .  | read | open |   >  | open | open |   .  | stea |   ?  | raas |   >  | oopn | oopn |   .  |   .  | sett |   .  |   >  | open | open
token.changed other                       |   .  | read | open |   >  | open | open | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn |   >  | open | open
token.changed renewal                     |   .  | read | open |   >  | open | open | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn |   >  | open | open
token.unchanged                           |   .  |   .  | open |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
token.unchanged refused                   |   .  |   .  | refr |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
token.unchanged final                     |   .  |   .  | reje |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
token.removed                             |   .  | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign |   .  | sign
token.unreadable                          |   .  |   .  | wait | wait |   .  |   .  | wait | wait | wait | wait | wait | wait | wait | wait | wait | wait | wait | wait |   .  |   .
token.unreadable last                     |   .  |   .  | exha | exha |   .  |   .  | exha | exha | exha | exha | exha | exha | exha | exha | exha | exha | exha | exha |   .  |   .
token.refreshFailed                       |   .  |   .  |   .  |   .  |   .  | wait |   .  | stea |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
token.refreshFailed last                  |   .  |   .  |   .  |   .  |   .  | exha |   .  | stea |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.presented                              |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.presented next                         |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | opre |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.connected                              |   .  |   .  |   .  | stea |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | stea |   .  |   .
io.connected next                         |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | oset |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.connected stale                        |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.ready                                  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.ready stale                            |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticated                        |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | stea |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticated stale                  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed other           |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn |   >  |   .  |   .
io.reauthenticationFailed other old       |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | ropn | ropn |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed replace         |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | sett |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed replace overlap |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | oopn |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed session changed |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | sett |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed retry           |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | rawa |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed refresh         |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | rref |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed no refresh      |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | reje |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed after refresh   |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | reje |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed logout          |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | reje |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.reauthenticationFailed stale           |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused retry                          |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | wait | wait | ropn | ropn | ropn | wait | wait | refr | wait | wait |   .  |   .
io.refused retry at once                  |   .  |   .  |   .  | read |   .  |   .  | read | read | read | read | ropn | ropn | ropn | read | read | refr | read | read |   .  |   .
io.refused at once twice                  |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | wait | wait | ropn | ropn | ropn | wait | wait | refr | wait | wait |   .  |   .
io.refused retry last                     |   .  |   .  |   .  | exha |   .  |   .  | exha | exha | exha | exha | ropn | ropn | ropn | exha | exha | refr | exha | exha |   .  |   .
io.refused refresh                        |   .  |   .  |   .  | refr |   .  |   .  | refr | refr | ropn | ropn | ropn | ropn | ropn | refr | refr | refr | ropn | refr |   .  |   .
io.refused refresh again                  |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | ropn | ropn | ropn | ropn | ropn | wait | wait | refr | ropn | wait |   .  |   .
io.refused refresh last                   |   .  |   .  |   .  | refr |   .  |   .  | refr | refr | ropn | ropn | ropn | ropn | ropn | refr | refr | refr | ropn | refr |   .  |   .
io.refused after refresh                  |   .  |   .  |   .  | reje |   .  |   .  | reje | reje | ropn | ropn | ropn | ropn | ropn | reje | reje | refr | ropn | reje |   .  |   .
io.refused no refresh                     |   .  |   .  |   .  | reje |   .  |   .  | reje | reje | ropn | ropn | ropn | ropn | ropn | reje | reje | refr | ropn | reje |   .  |   .
io.refused logout                         |   .  |   .  |   .  | reje |   .  |   .  | reje | reje | ropn | ropn | ropn | ropn | ropn | reje | reje | refr | ropn | reje |   .  |   .
io.refused logout last                    |   .  |   .  |   .  | reje |   .  |   .  | reje | reje | ropn | ropn | ropn | ropn | ropn | reje | reje | refr | ropn | reje |   .  |   .
io.refused logout stale                   |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused retry next                     |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | owai | owai |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused refresh next                   |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | rref | rref |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused no refresh next                |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | reje | reje |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused after refresh next             |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | reje | reje |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused logout next                    |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | reje | reje |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused old                            |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | stea | stea |   .  |   .  |   .  |   .  |   .
io.refused session changed                |   .  |   .  |   .  | read |   .  |   .  | read | read | read | read | read | read | read | read | read | refr | read | read |   .  |   .
io.refused session changed again          |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | wait | wait | read | read | read | wait | wait | refr | wait | wait |   .  |   .
io.refused session changed last           |   .  |   .  |   .  | exha |   .  |   .  | exha | exha | exha | exha | read | read | read | exha | exha | refr | exha | exha |   .  |   .
io.refused session changed next           |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | read | read |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused session required               |   .  |   .  |   .  | sign |   .  |   .  | sign | sign | ropn | ropn | ropn | ropn | ropn | sign | sign | refr | ropn | sign |   .  |   .
io.refused session required with token    |   .  |   .  |   .  | reje |   .  |   .  | reje | reje | ropn | ropn | ropn | ropn | ropn | reje | reje | refr | ropn | reje |   .  |   .
io.refused session awaited                |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | ropn | ropn | ropn | ropn | ropn | wait | wait | refr | ropn | wait |   .  |   .
io.refused session awaited last           |   .  |   .  |   .  | sign |   .  |   .  | sign | sign | ropn | ropn | ropn | ropn | ropn | sign | sign | refr | ropn | sign |   .  |   .
io.refused session awaited next           |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | owai | owai |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.refused session ended                  |   .  |   .  |   .  | sign |   .  |   .  | sign | sign | ropn | ropn | ropn | ropn | ropn | sign | sign | refr | ropn | sign |   .  |   .
io.failed                                 |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | wait | wait | ropn | ropn | wait | wait | wait | wait | wait | wait |   .  |   .
io.failed last                            |   .  |   .  |   .  | exha |   .  |   .  | exha | exha | exha | exha | ropn | ropn | exha | exha | exha | exha | exha | exha |   .  |   .
io.failed stale                           |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.failed next                            |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | owai | owai |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.failed old                             |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | stea | stea |   .  |   .  |   .  |   .  |   .
io.disconnected retry                     |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | wait | wait | ropn | ropn | wait | wait | wait | refr | wait | wait |   .  |   .
io.disconnected at once                   |   .  |   .  |   .  | read |   .  |   .  | read | read | read | read | ropn | ropn | wait | read | read | refr | read | read |   .  |   .
io.disconnected last                      |   .  |   .  |   .  | exha |   .  |   .  | exha | exha | exha | exha | ropn | ropn | wait | exha | exha | refr | exha | exha |   .  |   .
io.disconnected refresh                   |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | ropn | ropn | ropn | ropn | wait | wait | wait | refr | ropn | wait |   .  |   .
io.disconnected refresh last              |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | ropn | ropn | ropn | ropn | wait | wait | wait | refr | ropn | wait |   .  |   .
io.disconnected again                     |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | ropn | ropn | ropn | ropn | wait | wait | wait | refr | ropn | wait |   .  |   .
io.disconnected logout                    |   .  |   .  |   .  | reje |   .  |   .  | reje | reje | ropn | ropn | ropn | ropn | wait | reje | reje | refr | ropn | reje |   .  |   .
io.disconnected stale                     |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.disconnected next                      |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
io.disconnected old                       |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | stea | stea |   .  |   .  |   .  |   .  |   .
io.disconnected session changed           |   .  |   .  |   .  | read |   .  |   .  | read | read | read | read | read | read | read | read | read | refr | read | read |   .  |   .
io.disconnected session changed again     |   .  |   .  |   .  | wait |   .  |   .  | wait | wait | wait | wait | read | read | read | wait | wait | refr | wait | wait |   .  |   .
io.disconnected session ended             |   .  |   .  |   .  | sign |   .  |   .  | sign | sign | ropn | ropn | ropn | ropn | wait | sign | sign | refr | ropn | sign |   .  |   .
io.disconnected session ended with token  |   .  |   .  |   .  | reje |   .  |   .  | reje | reje | ropn | ropn | ropn | ropn | wait | reje | reje | refr | ropn | reje |   .  |   .
io.settled                                |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | ropn |   .  |   .  |   .
io.settled outdated                       |   .  |   .  |   .  |   .  |   .  |   .  | sett | sett |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | ropn |   .  |   .  |   .
io.settled old                            |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | drai | stea |   .  |   .  |   .  |   .  |   .
io.settled old outdated                   |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | drai | oopn |   .  |   .  |   .  |   .  |   .
io.settled stale                          |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
network.online                            |   .  | read |   !  |   !  | read |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !
network.offline                           |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
page.resumed                              |   .  | read |   !  |   !  | read |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !  |   !
connect                                   | read | read |   .  |   .  | read |   .  |   .  |   .  |   .  | raas |   .  |   .  | oopn |   .  |   .  |   .  |   .  |   .  | read | read
connect again                             | read | read |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | read | read
connect no token                          | read | read |   .  |   .  | read |   .  |   .  |   .  |   .  | raas |   .  |   .  | oopn |   .  |   .  |   .  |   .  |   .  |   !  | read
disconnect                                |   .  | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop
refresh                                   |   .  |   .  | refr | refr | refr |   .  | cref |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | refr
refresh no refresh                        |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
session.overdue                           |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
after reconnectionDelay                   |   .  |   .  |   .  |   .  | read |   .  |   .  |   .  |   .  | raas |   .  |   .  | oopn |   .  |   .  |   .  |   .  |   .  |   .  |   .
after reconnectionDelay due               |   .  |   .  |   .  |   .  | read |   .  |   .  |   .  |   .  | raas |   .  |   .  | oopn |   .  |   .  |   .  |   .  |   .  |   !  |   !
after timeout                             |   .  |   .  |   .  | wait |   .  |   .  |   .  |   .  |   .  |   .  | owai | owai |   .  |   .  |   .  |   .  |   .  | wait |   .  |   .
after timeout last                        |   .  |   .  |   .  | exha |   .  |   .  |   .  |   .  |   .  |   .  | owai | owai |   .  |   .  |   .  |   .  |   .  | exha |   .  |   .
after stableAfter                         |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
after drainTimeout                        |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | stea | stea |   .  | ropn |   .  |   .  |   .
after reauthenticateTimeout               |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  | sett |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
after refreshDelay                        |   .  |   .  |   .  |   .  |   .  |   .  | cref |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
after refreshDelay no refresh             |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
after clockCheck                          |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
after clockCheck no refresh               |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .  |   .
links.lost                                |   !  |   !  |   !  | read | read | read | read | read | read | read | read | read | read | read | read | read | read | read |   !  |   !
`;
