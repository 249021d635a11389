import { EventEmitter } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { SessionSource } from "socket-rotor/server";
import { untyped } from "../../support/untyped.js";
import { describeLife } from "./fixture/life.js";
import { exampleOf, packagesOf } from "./fixture/packages.js";

interface Tables {
  user: { id: string; name: string }[];
  session: { id: string }[];
  account: object[];
  verification: object[];
}

const load = packagesOf("better-auth");
const { betterAuth } = untyped<{ betterAuth(options: object): object }>(load("better-auth"));
const { toNodeHandler } = untyped<{ toNodeHandler(auth: object): RequestListener }>(load("better-auth/node"));
const { memoryAdapter } = untyped<{ memoryAdapter(tables: Tables): (options: object) => object }>(
  load("better-auth/adapters/memory"),
);
const sourceOf = exampleOf<(auth: object, ended: EventEmitter) => SessionSource>("betterAuthSource", load);

describeLife({
  name: "better-auth",
  atExpiry: "session_ended",
  hasStore: true,
  start(lifetime) {
    const tables: Tables = { user: [], session: [], account: [], verification: [] };
    const ended = new EventEmitter();
    let isDown = false;
    const store = memoryAdapter(tables);
    const auth = betterAuth({
      baseURL: "http://127.0.0.1",
      secret: "a secret of the tests, of 32 characters or more",
      trustedOrigins: ["http://127.0.0.1:*"],
      telemetry: { enabled: false },
      rateLimit: { enabled: false },
      logger: { disabled: true },
      emailAndPassword: { enabled: true, password: { hash: async () => "hash", verify: async () => true } },
      // Its copy of the session in a cookie would outlive a sign-out.
      session: { expiresIn: lifetime, cookieCache: { enabled: true, maxAge: 300 } },
      database: (options: object) => failing(store(options), () => isDown),
      databaseHooks: {
        session: { delete: { after: async ({ id }: { id: string }) => void ended.emit("end", id) } },
      },
    });
    return {
      http: createServer(toNodeHandler(auth)),
      source: sourceOf(auth, ended),
      idOf: (user) => tables.user.find(({ name }) => name === user)?.id ?? "",
      async signIn(visitor, name) {
        const account = { name, email: `${name}@example.com`, password: "a long password" };
        const isKnown = tables.user.some((user) => user.name === name);
        await visitor.post(`/api/auth/sign-${isKnown ? "in" : "up"}/email`, account);
      },
      signOut: (visitor) => visitor.post("/api/auth/sign-out"),
      fail() {
        isDown = true;
      },
    };
  },
});

/** The same with each of its functions failing while the database is down. */
function failing(adapter: object, isDown: () => boolean): object {
  return new Proxy(adapter, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (isDown()) throw new Error("The database is down.");
        return Reflect.apply(member, target, args);
      };
    },
  });
}
