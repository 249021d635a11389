/**
 * The transition table of the connection chart, written by hand from the rules of the design and kept apart from the
 * chart: for every leaf (a column) and every event (a row) where it leads.
 *
 * `.` stays · `!` stays, and the token is read · `>` stays in the state but starts over with a new link · `?` stays,
 * and the server is asked again · otherwise the first letters of the leaf it leads to, as named in LEAVES.
 *
 * An event is about the current link, unless its row says `next` (the one being opened beside it) or `old` (the one that
 * is finishing). A leaf of `overlapping` or `finishing` is found with `rotation: "overlap"`, one of `reauthenticating`
 * with a server that takes another token, unless the row says otherwise. `connecting.failed` and `rotating.choosing` are
 * left in the step in which they are entered, and have no column.
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
  chec: "connected.checking",
  raas: "rotating.reauthenticating.asking",
  rawa: "rotating.reauthenticating.waiting",
  oopn: "rotating.overlapping.opening",
  owai: "rotating.overlapping.waiting",
  oset: "rotating.finishing.settling",
  drai: "rotating.finishing.draining",
  rref: "rotating.refreshing",
  sett: "rotating.replacing.settling",
  ropn: "rotating.replacing.opening",
  sign: "loggedOut.signedOut",
  reje: "loggedOut.rejected",
} as const;

export const TABLE = `
                                          | stop | exha | read | open | wait | refr | stea | cref | chec | raas | rawa | oopn | owai | oset | drai | rref | sett | ropn | sign | reje
token.changed same                        |  .   | read | open |  >   | open | open | sett | sett |  .   |  ?   | raas |  >   | oopn |  .   |  .   | sett |  .   |  >   | open | open
token.changed same in place               |  .   | read | open |  >   | open | open | raas | raas |  .   |  ?   | raas | raas | raas |  .   |  .   | raas |  .   |  >   | open | open
token.changed same overlap                |  .   | read | open |  >   | open | open | oopn | oopn |  .   | oopn | oopn |  >   | oopn |  .   |  .   | oopn |  .   |  >   | open | open
token.changed same replace                |  .   | read | open |  >   | open | open | sett | sett |  .   | sett | sett | sett | sett |  .   |  .   | sett |  .   |  >   | open | open
token.changed other                       |  .   | read | open |  >   | open | open | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn |  >   | open | open
token.changed expired                     |  .   | read | refr | refr | refr |  .   | sett | sett |  .   |  ?   | raas |  >   | oopn |  .   |  .   | sett |  .   |  >   | refr | refr
token.changed expired no refresh          |  .   | read | open |  >   | open | open | sett | sett |  .   |  ?   | raas |  >   | oopn |  .   |  .   | sett |  .   |  >   | open | open
token.certain                             |  .   |  .   | open |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
token.certain expired                     |  .   |  .   | refr |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
token.refused                             |  .   |  .   | refr |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
token.rejected                            |  .   |  .   | reje |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
token.removed                             |  .   | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign | sign |  .   | sign
token.unreadable                          |  .   |  .   | wait | wait |  .   |  .   | wait | wait | wait | wait | wait | wait | wait | wait | wait | wait | wait | wait |  !   |  !  
token.unreadable last                     |  .   |  .   | exha | exha |  .   |  .   | exha | exha | exha | exha | exha | exha | exha | exha | exha | exha | exha | exha |  !   |  !  
token.refreshing                          |  .   |  .   |  .   |  .   |  .   |  .   | cref |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
token.refreshFailed                       |  .   |  .   |  .   |  .   |  .   | wait |  .   | stea |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
token.refreshFailed last                  |  .   |  .   |  .   |  .   |  .   | exha |  .   | stea |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.connected                              |  .   |  .   |  .   | stea |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | stea |  .   |  .  
io.connected next                         |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | oset |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.connected stale                        |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.ready                                  |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.ready stale                            |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.reauthenticated                        |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | stea |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.reauthenticated stale                  |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.reauthenticationFailed other           |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | ropn | ropn | ropn | ropn | ropn | ropn | ropn | ropn |  >   |  .   |  .  
io.reauthenticationFailed other old       |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | ropn | ropn |  .   |  .   |  .   |  .   |  .  
io.reauthenticationFailed replace         |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | sett |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.reauthenticationFailed replace overlap |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | oopn |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.reauthenticationFailed retry           |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | rawa |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.reauthenticationFailed refresh         |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | rref |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.reauthenticationFailed logout          |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | reje |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.reauthenticationFailed stale           |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.ended retry                            |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | wait | wait | wait | ropn | wait | wait | wait | refr | wait | wait |  .   |  .  
io.ended retry last                       |  .   |  .   |  .   | exha |  .   |  .   | exha | exha | exha | exha | exha | ropn | wait | exha | exha | refr | exha | exha |  .   |  .  
io.ended at once                          |  .   |  .   |  .   | read |  .   |  .   | read | read | read | read | read | ropn | wait | read | read | refr | read | read |  .   |  .  
io.ended at once twice                    |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | wait | wait | wait | ropn | wait | wait | wait | refr | wait | wait |  .   |  .  
io.ended at once last                     |  .   |  .   |  .   | exha |  .   |  .   | exha | exha | exha | exha | exha | ropn | wait | exha | exha | refr | exha | exha |  .   |  .  
io.ended refresh                          |  .   |  .   |  .   | refr |  .   |  .   | refr | refr | refr | ropn | ropn | ropn | wait | refr | refr | refr | ropn | refr |  .   |  .  
io.ended refresh last                     |  .   |  .   |  .   | refr |  .   |  .   | refr | refr | refr | ropn | ropn | ropn | wait | refr | refr | refr | ropn | refr |  .   |  .  
io.ended refresh again                    |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | wait | ropn | ropn | ropn | wait | wait | wait | refr | ropn | wait |  .   |  .  
io.ended refresh again last               |  .   |  .   |  .   | exha |  .   |  .   | exha | exha | exha | ropn | ropn | ropn | wait | exha | exha | refr | ropn | exha |  .   |  .  
io.ended refresh after connected          |  .   |  .   |  .   | wait |  .   |  .   | wait | wait | wait | ropn | ropn | ropn | wait | wait | wait | refr | ropn | wait |  .   |  .  
io.ended logout                           |  .   |  .   |  .   | reje |  .   |  .   | reje | reje | reje | ropn | ropn | ropn | wait | reje | reje | refr | ropn | reje |  .   |  .  
io.ended session over                     |  .   |  .   |  .   | sign |  .   |  .   | sign | sign | sign | ropn | ropn | ropn | wait | sign | sign | refr | ropn | sign |  .   |  .  
io.ended session over with token          |  .   |  .   |  .   | reje |  .   |  .   | reje | reje | reje | ropn | ropn | ropn | wait | reje | reje | refr | ropn | reje |  .   |  .  
io.ended stale                            |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.ended retry next                       |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | owai |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.ended refresh next                     |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | rref |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.ended logout next                      |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | reje |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
io.ended old                              |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | stea | stea |  .   |  .   |  .   |  .   |  .  
io.ended old outdated                     |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | oopn | oopn |  .   |  .   |  .   |  .   |  .  
io.settled                                |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | stea |  .   |  .   |  .   |  .   |  .   |  .   |  .   | ropn |  .   |  .   |  .  
io.settled outdated                       |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | sett |  .   |  .   |  .   |  .   |  .   |  .   |  .   | ropn |  .   |  .   |  .  
io.settled old                            |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | drai | stea |  .   |  .   |  .   |  .   |  .  
io.settled old outdated                   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | drai | oopn |  .   |  .   |  .   |  .   |  .  
io.settled stale                          |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
environment.resumed                       |  .   | read |  !   |  !   | read |  !   | chec | chec |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !   |  !  
links.lost                                |  .   |  .   |  !   | read | read | read | read | read | read | read | read | read | read | read | read | read | read | read |  !   |  !  
connect                                   | read | read |  .   |  .   | read |  .   |  .   |  .   |  .   |  .   | raas |  .   | oopn |  .   |  .   |  .   |  .   |  .   | read | read
connect again                             | read | read |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | read | read
connect no token                          | read | read |  .   |  .   | read |  .   |  .   |  .   |  .   |  .   | raas |  .   | oopn |  .   |  .   |  .   |  .   |  .   |  !   | read
disconnect                                |  .   | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop | stop
refresh                                   |  .   |  .   | refr | refr | refr |  .   | cref |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | refr
refresh no refresh                        |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
after reconnectionDelay                   |  .   |  .   |  .   |  .   | read |  .   |  .   |  .   |  .   |  .   | raas |  .   | oopn |  .   |  .   |  .   |  .   |  .   |  .   |  .  
after stableAfter                         |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .  
after drainTimeout                        |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   |  .   | stea | stea |  .   |  .   |  .   |  .   |  .  
`;
