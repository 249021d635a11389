const WAITING = "What waits belongs to one user. Use volatile or timeout() for what must not wait.";

/** What to use in place of the members of socket.io-client's `Socket` that are not here. */
const INSTEAD = {
  auth: 'Call connection.login(token); the "auth" option shapes what is sent.',
  io: 'Use connection.subscribe() for on("reconnect"), getSnapshot().transport for engine.transport.name, the "auth" and "extraHeaders" options for opts.',
  sendBuffer: WAITING,
  receiveBuffer: WAITING,
};

/** A member of socket.io-client's `Socket` that is not here. */
export type AbsentMember = keyof typeof INSTEAD;

/** Says that it is not here, and what to use instead. */
export const absent = (member: AbsentMember): string => `There is no socket.${member}. ${INSTEAD[member]}`;
