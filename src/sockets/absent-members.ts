/** What to use in place of the members of socket.io-client's `Socket` that are not here. */
const INSTEAD = {
  auth: 'The token comes from the storage. Call connection.login(token), and give the "auth" option to shape what is sent.',
  io: 'Each link has its own Manager. For io.on("reconnect") use connection.subscribe(), for io.engine.transport.name getSnapshot().transport, for io.opts the "auth" and "extraHeaders" options.',
  sendBuffer: 'What waits belongs to a user. Emit with "volatile" or timeout() what must not wait.',
  receiveBuffer: "What has come in is delivered once it is certain whose it is. Use on() or onAny().",
};

/** A member of socket.io-client's `Socket` that is not here. */
export type AbsentMember = keyof typeof INSTEAD;

/** Says that it is not here, and what to use instead. */
export const absent = (member: AbsentMember): string => `There is no socket.${member}. ${INSTEAD[member]}`;
