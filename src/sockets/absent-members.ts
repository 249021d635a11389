const WAITING = 'what waits belongs to one user. Use "volatile" or timeout() for what must not wait.';

/** What to use in place of the members of socket.io-client's `Socket` that are not here. */
const INSTEAD = {
  auth: 'the token comes from the storage. Call connection.login(token), and give the "auth" option to shape what is sent.',
  io: 'use connection.subscribe() for on("reconnect"), getSnapshot().transport for engine.transport.name, the "auth" and "extraHeaders" options for opts.',
  sendBuffer: WAITING,
  receiveBuffer: WAITING,
};

/** A member of socket.io-client's `Socket` that is not here. */
export type AbsentMember = keyof typeof INSTEAD;

/** Says so of a member, and what to use instead. */
export const absent = (member: AbsentMember, what = "cannot be assigned"): string =>
  `socket.${member} ${what}: ${INSTEAD[member]}`;
