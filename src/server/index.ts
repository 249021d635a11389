export type { Logger } from "../logger.js";
export { authenticateToken } from "./authenticate-token.js";
export type { VerifiedToken } from "./credential.js";
export type { SocketIoServer } from "./socket-io.js";
export { type RefusalData, type RefusalWord, TokenError } from "./token-error.js";
export type { TokenOptions } from "./token-options.js";
