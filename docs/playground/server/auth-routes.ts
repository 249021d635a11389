import express, { type Request, type Response, type Router } from "express";
import { TokenError } from "socket-rotor/server";
import { isUser, type User, users } from "../events.js";
import type { Tokens } from "./tokens.js";

const COOKIE = "playground_refresh";

/**
 * Sign in, refresh, sign out. The access token goes to the page; the refresh token stays in a cookie that no
 * script can read.
 */
export function authRoutes(tokens: Tokens, refreshLifetime: number): Router {
  const router = express.Router();
  const cookieOptions = { httpOnly: true, sameSite: "strict", path: "/auth" } as const;

  const signIn = async (response: Response, user: User) => {
    response.cookie(COOKIE, await tokens.issueRefresh(user), { ...cookieOptions, maxAge: refreshLifetime });
    response.json({ accessToken: await tokens.issueAccess(user) });
  };

  router.post("/login", async (request, response) => {
    const { user }: { user?: unknown } = Object(request.body);
    if (!isUser(user)) {
      const expected = users.map((name) => `{ "user": "${name}" }`).join(" or ");
      throw new TokenError("invalid_request", `Send ${expected} as JSON.`);
    }
    await signIn(response, user);
  });

  router.post("/refresh", async (request, response) => {
    await signIn(response, await tokens.userOfRefresh(readCookie(request, COOKIE)));
  });

  router.post("/logout", (_request, response) => {
    response.clearCookie(COOKIE, cookieOptions).status(204).end();
  });

  return router;
}

function readCookie(request: Request, name: string): string | undefined {
  for (const pair of request.headers.cookie?.split(";") ?? []) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}
