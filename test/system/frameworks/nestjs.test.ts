import type { Server as HttpServer } from "node:http";
import type { RequestHandler } from "express";
import type { Server } from "socket.io";
import { expect, onTestFinished, test } from "vitest";
import { addressOf } from "../../support/listen.js";
import { untyped } from "../../support/untyped.js";
import { packagesOf } from "../session-sources/fixture/packages.js";
import { type Routes, routesOf, secure, sessionMiddleware, share } from "./fixture/application.js";
import { exampleOf, loadOurs } from "./fixture/document.js";
import { connect, describeSessions, describeTokens, tokenOf } from "./fixture/life.js";

// Decorators are applied by hand, as the compiler of these tests knows another kind of them.

type ClassDecorator = (target: object) => void;
type MethodDecorator = (target: object, name: string, descriptor: PropertyDescriptor | undefined) => void;
interface Common {
  Module(options: { providers: unknown[]; controllers: unknown[] }): ClassDecorator;
  Controller(): ClassDecorator;
  Get(path: string): MethodDecorator;
  Post(path: string): MethodDecorator;
  Req(): (target: object, name: string, index: number) => void;
}
interface Sockets {
  WebSocketGateway(options?: { namespace?: string }): ClassDecorator;
  SubscribeMessage(event: string): MethodDecorator;
}
interface App {
  use(middleware: RequestHandler): unknown;
  useWebSocketAdapter(adapter: object): unknown;
  listen(port: number, host: string): Promise<HttpServer>;
  close(): Promise<void>;
}
interface Core {
  NestFactory: { create(module: unknown, options: { logger: false }): Promise<App> };
}
/** What is read of a request of Express. */
interface Asked {
  readonly query: { readonly user: string };
  readonly session: {
    userId?: string;
    regenerate(done: () => void): void;
    save(done: () => void): void;
    destroy(done: () => void): void;
  };
}
interface Client {
  readonly data: { identity?: string; number?: string };
}

const nest = packagesOf("nestjs");
await import(nest.resolve("reflect-metadata"));
const { Module, Controller, Get, Post, Req } = untyped<Common>(nest("@nestjs/common"));
const { WebSocketGateway, SubscribeMessage } = untyped<Sockets>(nest("@nestjs/websockets"));
const { NestFactory } = untyped<Core>(nest("@nestjs/core"));

const load = (name: string): unknown => (name.startsWith("@nestjs/") ? nest(name) : loadOurs(name));
const SecureIoAdapter = exampleOf<new (app: App, secure: (io: Server) => void) => object>(
  "SecureIoAdapter",
  load,
);
const ChatGateway = exampleOf<new () => object>("ChatGateway", load);

function decorate(target: object, methods: Record<string, MethodDecorator>): void {
  for (const [name, decorator] of Object.entries(methods)) {
    decorator(target, name, Object.getOwnPropertyDescriptor(target, name));
  }
}

/** An application with a gateway of each kind, the one of the document among them, and a controller. */
async function begin(guard: (io: Server) => void, session?: RequestHandler) {
  const seen: unknown[] = [];
  const servers: Server[] = [];
  const routes = (): Routes => {
    const [io] = servers;
    if (io === undefined) throw new Error("There is no gateway.");
    return routesOf(io, seen);
  };
  class Gateway {
    handleConnection({ data }: Client): void {
      seen.push(data.identity);
    }
    whoami({ data }: Client): unknown {
      return data.identity;
    }
    number({ data }: Client): unknown {
      return data.number;
    }
  }
  decorate(Gateway.prototype, { whoami: SubscribeMessage("whoami"), number: SubscribeMessage("number") });
  WebSocketGateway()(Gateway);
  class InNamespace extends Gateway {}
  WebSocketGateway({ namespace: "inner" })(InNamespace);

  class Account {
    state(): object {
      return routes().state();
    }
    revoke({ query }: Asked): Promise<boolean> {
      return routes().revoke(query.user);
    }
    signIn(asked: Asked): Promise<object> {
      return new Promise((resolve) => {
        asked.session.regenerate(() => {
          asked.session.userId = asked.query.user;
          asked.session.save(() => resolve({}));
        });
      });
    }
    signOut({ session }: Asked): Promise<object> {
      return new Promise((resolve) => session.destroy(() => resolve({})));
    }
  }
  decorate(Account.prototype, {
    state: Get("state"),
    revoke: Post("revoke"),
    signIn: Post("sign-in"),
    signOut: Post("sign-out"),
  });
  for (const name of ["revoke", "signIn", "signOut"]) Req()(Account.prototype, name, 0);
  Controller()(Account);
  class AppModule {}
  Module({ providers: [Gateway, InNamespace, ChatGateway], controllers: [Account] })(AppModule);

  const app = await NestFactory.create(AppModule, { logger: false });
  if (session) app.use(session);
  app.useWebSocketAdapter(
    new SecureIoAdapter(app, (io) => {
      servers.push(io);
      guard(io);
    }),
  );
  const http = await app.listen(0, "127.0.0.1");
  onTestFinished(() => app.close());
  return { url: addressOf(http), seen, servers };
}

describeTokens("NestJS", () => begin(secure));
describeSessions("NestJS", async () => {
  const session = sessionMiddleware();
  return begin((io) => share(io, session), session);
});

test("a gateway with a namespace is guarded too", async () => {
  const running = await begin(secure);
  const visitor = connect(running, "websocket", tokenOf("mallory", 1));
  const inner = visitor.of("/inner");
  await expect.poll(() => visitor.status).toBe("loggedOut");
  expect(inner.connected).toBe(false);
  const ada = connect(running, "websocket", tokenOf("ada", 1));
  expect(await ada.of("/inner").emitWithAck("whoami")).toBe("ada");
  expect(running.seen).toEqual(["ada", "ada"]);
  // Both namespaces are of one server.
  expect(running.servers).toHaveLength(1);
});

test("a guard goes by what verify has answered, and finds no token", async () => {
  const running = await begin(secure);
  const [ada, grace] = ["ada", "grace"].map((user) => connect(running, "websocket", tokenOf(user, 1)));
  expect(await ada?.socket.emitWithAck("say", "hello")).toBe("ada: hello");
  const refused = new Promise((resolve) => grace?.socket.once("exception", resolve));
  await grace?.whenConnected();
  grace?.socket.emit("say", "hello");
  expect(await refused).toMatchObject({ message: "Forbidden resource" });
  const { handshake } = [...(running.servers[0]?.sockets.sockets.values() ?? [])][0] ?? {};
  expect(handshake?.auth).toEqual({});
});
