import { createServer } from "node:http";
import express, { type RequestHandler } from "express";
import expressSession, { type SessionData } from "express-session";
import { Server } from "socket.io";
import { allowOrigins, drain, sessionDeadline, shareSession } from "socket-rotor/server";

declare module "express-session" {
  interface SessionData {
    userId?: string;
  }
}

export interface ApiSettings {
  /** The origin of the page, such as `https://app.example.com`. */
  site: string;
  sessionSecret: string;
  identityKey: string;
  /** Whether browsers come over `https:`. Without, as in development, the cookie cannot be `secure`. */
  isSecure: boolean;
  /** Looks at name and password, and answers with the user's id. */
  userOf(name: unknown, password: unknown): Promise<string | undefined>;
}

/** The server of a page of another origin, which it names three times: to Express, to Socket.IO and to `allowOrigins`. */
export function createApi({ site, sessionSecret, identityKey, isSecure, userOf }: ApiSettings) {
  const app = express();
  const http = createServer(app);
  const io = new Server(http, { cors: { origin: [site], credentials: true } });
  const session = expressSession({
    secret: sessionSecret,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    name: isSecure ? "__Host-session" : "session",
    cookie: { maxAge: 1_800_000, secure: isSecure, httpOnly: true, sameSite: "lax", path: "/" },
  });

  app.set("trust proxy", 1); // one proxy, which takes the encryption off and sets X-Forwarded-Proto
  app.use(allowPages(site), sessionDeadline(session, 1_500), express.json());
  allowOrigins(io, [site]);
  const sessions = shareSession(io, session, {
    isSignedIn: ({ userId }: SessionData) => userId !== undefined,
    identify: ({ userId }) => userId,
    identityKey,
  });

  app.post("/sign-in", async (request, response, next) => {
    const userId = await userOf(request.body?.name, request.body?.password);
    if (userId === undefined) return void response.sendStatus(401);
    request.session.regenerate((error) => {
      if (error) return next(error);
      request.session.userId = userId;
      request.session.save((error) => (error ? next(error) : response.sendStatus(204)));
    });
  });
  app.post("/sign-out", (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : response.sendStatus(204)));
  });
  app.get("/session/keep-alive", (_, response) => void response.sendStatus(204));

  io.on("connection", (socket) => {
    socket.on("whoami", async (answer: (userId?: string) => void) => {
      answer((await sessions.load(socket)).userId);
    });
  });

  const close = async (): Promise<void> => {
    await drain(io, { within: 10_000 });
    await io.close();
  };
  return { http, io, close };
}

/** CORS for the routes, with cookies. Pages of other origins are refused, as a browser would send the cookie for them too. */
function allowPages(site: string): RequestHandler {
  return (request, response, next) => {
    response.vary("origin");
    if (request.headers.origin !== site) return void response.sendStatus(403);
    response.set({ "access-control-allow-origin": site, "access-control-allow-credentials": "true" });
    if (request.method !== "OPTIONS") return next();
    response.set({ "access-control-allow-headers": "content-type", "access-control-max-age": "600" });
    response.sendStatus(204);
  };
}
