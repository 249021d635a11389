export type { RefusalCode } from "../error-codes.js";
export type { Logger } from "../logger.js";
export type { RefusalData } from "../protocol.js";
export { type AllowOriginsOptions, allowOrigins } from "./allow-origins.js";
export { checkSetup } from "./check-setup.js";
export { type DrainOptions, drain } from "./drain.js";
export type { HandshakeRequest } from "./handshake-request.js";
export { type HandshakeLimiter, type LimitHandshakesOptions, limitHandshakes } from "./limit-handshakes.js";
export type { SessionMiddleware } from "./sessions/express-session.js";
export {
  type DeadlineMiddleware,
  type DeadlineResponse,
  sessionDeadline,
} from "./sessions/session-deadline.js";
export type { SessionEnds } from "./sessions/session-endings.js";
export type { SessionHandle, SessionSocket } from "./sessions/session-handle.js";
export type {
  SessionLock,
  SessionOptions,
  SourceOptions,
  StoredSession,
} from "./sessions/session-options.js";
export type { FoundSession, SessionRequest, SessionSource } from "./sessions/session-source.js";
export { shareSession } from "./sessions/share-session.js";
export type { SetupProblem, SetupProblemCode } from "./setup-problem.js";
export type { SocketIoServer } from "./socket-io-types.js";
export { TokenError } from "./token-error.js";
export { authenticateToken } from "./tokens/authenticate-token.js";
export type { VerifiedToken } from "./tokens/credential.js";
export type { JoseOptions, VerificationKey } from "./tokens/jose-options.js";
export { joseVerifier } from "./tokens/jose-verifier.js";
export type { Revoked } from "./tokens/link-index.js";
export { type ReauthenticationOptions, requireReauthentication } from "./tokens/require-reauthentication.js";
export {
  memoryRevocations,
  type RedisClient,
  type RevocationStore,
  redisRevocations,
} from "./tokens/revocation-store.js";
export { revoke } from "./tokens/revoke.js";
export type { TokenOptions } from "./tokens/token-options.js";
