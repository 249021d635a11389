import type { SessionEnds, SessionSource } from "socket-rotor/server";
import { untyped } from "../../support/untyped.js";
import { appWith, load, secret, submit } from "./fixture/auth-js.js";
import { describeLife } from "./fixture/life.js";
import { exampleOf } from "./fixture/packages.js";

const { default: credentials } = untyped<{ default(options: object): object }>(
  load("@auth/core/providers/credentials"),
);

type ConfigOf = (ends: () => SessionEnds) => object;

describeLife({
  name: "Auth.js with JWTs",
  atExpiry: "session_changed",
  hasStore: false,
  start(lifetime, ends) {
    const authorize = ({ user }: { user: string }) => ({ id: user, name: user });
    const { http, signOut } = appWith({
      providers: [credentials({ credentials: { user: {} }, authorize })],
      session: { strategy: "jwt", maxAge: lifetime },
      ...exampleOf<ConfigOf>("authJsConfig", load)(ends),
    });
    const sourceOf = exampleOf<(secret: string, isSecure: boolean) => SessionSource>("authJsSource", load);
    return {
      http,
      source: sourceOf(secret, false),
      signIn: (visitor, user) => submit(visitor, "/auth/callback/credentials", { user }),
      signOut,
    };
  },
});
