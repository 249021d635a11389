export type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
export type { Verdict } from "../machines/index.js";
export type { Clock } from "./clock.js";
export type { Connection } from "./connection.js";
export {
  type ConnectionActor,
  type ConnectionInput,
  type ConnectionLogic,
  connectionInput,
  connectionLogic,
  connectionOf,
} from "./connection-logic.js";
export { createConnection } from "./create-connection.js";
export { type CookieStorageOptions, cookieStorage } from "./credential/cookie-storage.js";
export {
  fromSubscription,
  type SubscribableToken,
  type TokenSubscription,
} from "./credential/from-subscription.js";
export { type MemoryStorage, memoryStorage } from "./credential/memory-storage.js";
export type { Refresh } from "./credential/refresher.js";
export { type SessionCookieOptions, sessionCookie } from "./credential/session-cookie.js";
export type { StorageAdapter } from "./credential/storage-adapter.js";
export type { TokenShape } from "./credential/stored-text.js";
export { type WebStorageOptions, webStorage } from "./credential/web-storage.js";
export { browserEnvironment, type Environment, type EnvironmentSignal } from "./environment/environment.js";
export {
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionErrorDetails,
  isConnectionError,
} from "./errors.js";
export type {
  IoAdapter,
  Link,
  LinkEvent,
  LinkRequest,
  LinkSocket,
  LinkSocketListener,
  Message,
  ReauthenticationAnswer,
  Recovery,
} from "./links/io-adapter.js";
export type { Classify, Refusal } from "./links/refusals.js";
export type { Logger } from "./logger.js";
export type { ConnectionOptions, Rotation, SocketOptions } from "./options.js";
export type { ConnectionDetail, ConnectionSnapshot, ConnectionStatus } from "./snapshot.js";
export type { RotorSocket } from "./sockets/rotor-socket.js";
export type { SocketReservedEvents } from "./sockets/types.js";
