export type { Logger } from "../logger.js";
export type { RefusalCode, RefusalData } from "../protocol.js";
export { type AllowOriginsOptions, allowOrigins } from "./allow-origins.js";
export { authenticateToken } from "./authenticate-token.js";
export type { Revoked } from "./by-name.js";
export { checkSetup } from "./check-setup.js";
export type { VerifiedToken } from "./credential.js";
export { type DrainOptions, drain } from "./drain.js";
export type { HandshakeRequest } from "./handshake-request.js";
export { type HandshakeLimiter, type LimitHandshakesOptions, limitHandshakes } from "./limit-handshakes.js";
export { type RedisClient, redisRevocations } from "./redis-revocations.js";
export { type ReauthenticationOptions, requireReauthentication } from "./require-reauthentication.js";
export { memoryRevocations, type RevocationStore } from "./revocation-store.js";
export { revoke } from "./revoke.js";
export {
  type DeadlineMiddleware,
  type DeadlineResponse,
  sessionDeadline,
} from "./sessions/session-deadline.js";
export type { SessionEnds } from "./sessions/session-endings.js";
export type { SessionHandle, SessionSocket } from "./sessions/session-handle.js";
export type { SessionMiddleware } from "./sessions/session-middleware.js";
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
export type { JoseOptions, VerificationKey } from "./tokens/jose-options.js";
export { joseVerifier } from "./tokens/jose-verifier.js";
export type { TokenOptions } from "./tokens/token-options.js";
