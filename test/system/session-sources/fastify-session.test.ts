import type { Server as HttpServer } from "node:http";
import type { SessionSource } from "socket-rotor/server";
import { onTestFinished } from "vitest";
import { untyped } from "../../support/untyped.js";
import { describeLife } from "./fixture/life.js";
import { exampleOf, packagesOf } from "./fixture/packages.js";

interface FastifyRequest {
  readonly query: { readonly user?: string };
  session: {
    user?: string | undefined;
    sessionId: string;
    regenerate(): Promise<void>;
    destroy(): Promise<void>;
  };
}
interface Fastify {
  readonly server: HttpServer;
  register(plugin: unknown, options?: object): unknown;
  post(path: string, handler: (request: FastifyRequest) => Promise<object>): unknown;
  listen(options: { port: number; host: string }): Promise<unknown>;
  close(): Promise<unknown>;
}
type Callback = (error: unknown, session?: object) => void;
interface Store {
  get(id: string, callback: Callback): void;
}

const load = packagesOf("fastify-session");
const fastify = untyped<() => Fastify>(load("fastify"));
const { Store: MemoryStore } = untyped<{ Store: new () => Store }>(load("@fastify/session"));
const secret = "a secret of the tests, of 32 characters or more";

describeLife({
  name: "@fastify/session",
  atExpiry: "session_ended",
  hasStore: true,
  async start(lifetime, ends) {
    const app = fastify();
    const store = new MemoryStore();
    app.register(load("@fastify/cookie"));
    app.register(load("@fastify/session"), {
      secret,
      store,
      saveUninitialized: false,
      cookie: { secure: false, maxAge: lifetime * 1_000 },
    });
    app.post("/sign-in", async (request) => {
      await request.session.regenerate();
      request.session.user = request.query.user;
      return {};
    });
    app.post("/sign-out", async ({ session }) => {
      await session.destroy();
      await ends().end(session.sessionId);
      return {};
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    onTestFinished(async () => void (await app.close()));
    const sourceOf = exampleOf<(app: Fastify, secret: string, store: Store) => SessionSource>(
      "fastifySource",
      load,
    );
    return {
      http: app.server,
      source: sourceOf(app, secret, store),
      signIn: (visitor, user) => visitor.post(`/sign-in?user=${user}`),
      signOut: (visitor) => visitor.post("/sign-out"),
      fail() {
        store.get = (_, callback) => callback(new Error("The store is down."));
      },
    };
  },
});
