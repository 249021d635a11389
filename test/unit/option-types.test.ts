import type {
  Connection,
  ConnectionOptions,
  CookieStorageOptions,
  DefaultEventsMap,
  EventsMap,
  SessionCookieOptions,
  WebStorageOptions,
} from "socket-rotor";
import { cookieStorage, sessionCookie, webStorage } from "socket-rotor";
import type {
  AllowOriginsOptions,
  JoseOptions,
  LimitHandshakesOptions,
  SessionOptions,
  TokenOptions,
  VerifiedToken,
} from "socket-rotor/server";
import { expect, expectTypeOf, test } from "vitest";
import { rig } from "../support/connections.js";

/** The optional members that cannot be given as `undefined` where `exactOptionalPropertyTypes` is on, as it is here. */
type Refusing<Options> = {
  [Name in keyof Options]-?: Record<never, never> extends Pick<Options, Name>
    ? { [Only in Name]: undefined } extends Pick<Options, Name>
      ? never
      : Name
    : never;
}[keyof Options];

test("an option that is given as undefined counts as left out, in the types too", () => {
  expectTypeOf<Refusing<{ a?: number; b?: number | undefined; c: number }>>().toEqualTypeOf<"a">();
  expectTypeOf<Refusing<ConnectionOptions>>().toBeNever();
  expectTypeOf<Refusing<CookieStorageOptions>>().toBeNever();
  expectTypeOf<Refusing<WebStorageOptions>>().toBeNever();
  expectTypeOf<Refusing<SessionCookieOptions>>().toBeNever();
  expectTypeOf<Refusing<TokenOptions>>().toBeNever();
  expectTypeOf<Refusing<VerifiedToken>>().toBeNever();
  expectTypeOf<Refusing<SessionOptions<object>>>().toBeNever();
  expectTypeOf<Refusing<JoseOptions>>().toBeNever();
  expectTypeOf<Refusing<AllowOriginsOptions>>().toBeNever();
  expectTypeOf<Refusing<LimitHandshakesOptions>>().toBeNever();
});

test("and where it is run", () => {
  const { connection } = rig("first", {
    auth: undefined,
    autoConnect: undefined,
    rotation: undefined,
    environment: undefined,
    refresh: undefined,
    refreshLeeway: undefined,
    reconnectionAttempts: undefined,
    socketOptions: undefined,
    inspect: undefined,
  });
  expect(connection.status).toBe("connecting");
  expect(() => webStorage("key", { area: undefined, pollInterval: undefined })).not.toThrow();
  expect(() =>
    cookieStorage("name", { path: undefined, sameSite: undefined, maxAge: undefined }),
  ).not.toThrow();
  expect(() => sessionCookie({ keepAliveUrl: undefined, name: undefined })).not.toThrow();
});

test("a helper can name the events of whatever connection it is given", () => {
  const statusOf = <Listen extends EventsMap = DefaultEventsMap>(connection: Connection<Listen>): string =>
    connection.status;
  expect(statusOf(rig().connection)).toBe("connecting");
});
