// An application's types, checked against the packed declarations alone. run.mjs also copies this file to types.cts.
import {
  type Connection,
  ConnectionError,
  type ConnectionErrorCode,
  connectionInput,
  connectionLogic,
  connectionOf,
  createConnection,
  type DefaultEventsMap,
  type EventsMap,
  isConnectionError,
  memoryStorage,
  type StorageAdapter,
  webStorage,
} from "socket-rotor";
import { explain, explainTo, redact } from "socket-rotor/inspect";
import {
  allowOrigins,
  authenticateToken,
  checkSetup,
  drain,
  joseVerifier,
  limitHandshakes,
  requireReauthentication,
  revoke,
  type SessionEnds,
  type SessionSource,
  type SetupProblem,
  type SocketIoServer,
  shareSession,
  TokenError,
  type TokenOptions,
} from "socket-rotor/server";
import * as testing from "socket-rotor/testing";
import { createActor } from "xstate";

interface ServerToClient {
  message: (text: string, at: number) => void;
}
interface ClientToServer {
  save: (draft: { title: string }, saved: (id: number) => void) => void;
}

const storage: StorageAdapter = webStorage("accessToken");
const connection: Connection<ServerToClient, ClientToServer> = createConnection({
  url: "https://api.example.com",
  storage,
});
const status: "idle" | "connecting" | "connected" | "rotating" | "loggedOut" = connection.status;
connection.socket.on("message", (text, at) => text.concat(status, at.toFixed()));
const id: Promise<number> = connection.socket.emitWithAck("save", { title: "" });
const soon: Promise<number> = connection.socket.timeout(5_000).emitWithAck("save", { title: "" });
soon.catch(() => {});
// @ts-expect-error: not an event of the server
connection.socket.on("mesage", () => {});
// @ts-expect-error: a draft has a title
connection.socket.emit("save", { tilte: "" }, () => {});
// @ts-expect-error: the storage is missing
createConnection({ url: "https://api.example.com" });
// @ts-expect-error: an unknown option
createConnection({ url: "https://api.example.com", storage, retries: 3 });

function watch<Listen extends EventsMap = DefaultEventsMap>(any: Connection<Listen>): string {
  return any.status;
}
watch(createConnection({ url: "https://api.example.com", storage }));

id.catch((error: unknown) => {
  if (isConnectionError(error, "ERR_LOGGED_OUT")) error.message.trim();
  const code: ConnectionErrorCode | undefined = error instanceof ConnectionError ? error.code : undefined;
  return code;
});

const input = connectionInput({ url: "https://api.example.com", storage: memoryStorage() });
const actor = createActor(connectionLogic, { input });
// @ts-expect-error: the input is missing
createActor(connectionLogic);
// @ts-expect-error: options are no input
createActor(connectionLogic, { input: { url: "https://api.example.com", storage } });
const own: Connection<ServerToClient, ClientToServer> = connectionOf<ServerToClient, ClientToServer>(actor);
own.socket.on("message", (text) => text.trim());
connectionLogic.provide({ guards: { mayRetryAtOnce: ({ context }) => context.attempt > 0 } });
// @ts-expect-error: a clock is the interpreter's
connectionInput({ url: "https://api.example.com", storage, clock: undefined });
actor.send({ type: "connect" });
// @ts-expect-error: not an event of the statechart
actor.send({ type: "conect" });
actor.getSnapshot().context.attempt.toFixed();

const line: string | undefined = explain({
  from: "idle.stopped",
  to: { connecting: "reading" },
  event: { type: "connect" },
});
createConnection({
  url: "https://api.example.com",
  storage,
  inspect: explainTo((each) => each.concat(line ?? "")),
});
const harmless: string = redact({}).type;
harmless.trim();

testing.memoryStorage("a token").write(null);

declare const io: SocketIoServer;
const options: TokenOptions = {
  verify: async (token) => {
    if (token === "") throw new TokenError("invalid_token", "No token.", { retryAfter: 0 });
    return { subject: "alice", expiresAt: Date.now() + 60_000, data: { role: "reader" } };
  },
};
authenticateToken(io, options);
// @ts-expect-error: not a word that clients know
new TokenError("no_idea");
// @ts-expect-error: an unknown option
authenticateToken(io, { ...options, secret: "" });
const jwksUri = "https://auth.example.com/jwks.json";
const jwt = { jwksUri, issuer: "https://auth.example.com", audience: "api", algorithms: ["RS256"] };
authenticateToken(io, { verify: joseVerifier(jwt), grace: 1_000 });
// @ts-expect-error: the algorithms are missing
joseVerifier({ jwksUri });
allowOrigins(io, ["https://app.example.com"], { allowMissing: true });
allowOrigins(io, (origin) => origin.endsWith(".example.com"));
limitHandshakes(io, { consume: async () => {} }, { key: ({ headers }) => String(headers["x-real-ip"]) });
const source: SessionSource = {
  find: ({ headers: { cookie } }) => (cookie === undefined ? null : { id: cookie, user: "alice" }),
  isAlive: async (sessionId) => sessionId !== "",
};
const ends: SessionEnds = shareSession(io, source, { required: false });
ends.endUser("alice").catch(() => {});
// @ts-expect-error: find itself says who is signed in
shareSession(io, source, { identify: () => "alice" });
// @ts-expect-error: a session without a user
shareSession(io, { find: () => ({ id: "1" }) });
shareSession<{ userId?: string }>(io, (_request, _response, next) => next(), {
  identify: ({ userId }) => userId,
});
const confirmed: Promise<boolean> = revoke(io, { subject: "alice" }, new TokenError("access_denied"));
const asked: Promise<boolean> = requireReauthentication(io, { tokenId: "1" }, { within: 60_000 });
// @ts-expect-error: without a time
requireReauthentication(io, { subject: "alice" }, {}).catch(() => {});
const drained: Promise<void> = drain(io, { within: 10_000 });
const problems: SetupProblem[] = checkSetup(io);
Promise.all([confirmed, asked, drained, problems]).catch(() => {});
