import { users } from "../events.js";
import { kick, requestExpiredToken, revoke } from "./api.js";
import { credentials } from "./credentials.js";
import { byId } from "./dom.js";
import { onPress } from "./notice.js";
import type { PlaygroundConnection } from "./playground-connection.js";
import { readSettings } from "./settings.js";
import { readStoredToken } from "./stored-token.js";

/** The buttons that use the library as an application does. */
export function bindSession(connection: PlaygroundConnection): void {
  for (const user of users) {
    onPress(`sign-in-${user.toLowerCase()}`, () => credentials.signIn(connection, user));
  }
  onPress("refresh", () => credentials.renew(connection));
  onPress("sign-out", async () => {
    const told = credentials.end().catch((cause: unknown) => {
      throw new Error(
        "You are signed out here. The server was not told, so the cookie stays in this browser.",
        {
          cause,
        },
      );
    });
    // The answer of the server is not waited for: a sign-out counts here at once.
    await Promise.all([connection.logout(), told]);
  });
  onPress("end-session", () => credentials.expire(connection));
  onPress("connect", () => connection.connect());
  onPress("disconnect", () => connection.disconnect());
}

/** The buttons that make trouble, on the server or by a token that it refuses. */
export function bindTrouble(connection: PlaygroundConnection): void {
  if (readSettings().credential === "cookie") {
    // These are about tokens.
    for (const id of ["expire", "revoke"]) byId(id, HTMLElement).hidden = true;
  }
  onPress("kick", () => kick(connection.socket.id ?? ""));
  onPress("revoke", () => revoke(readStoredToken()));
  onPress("expire", async () => connection.login(await requestExpiredToken(readStoredToken())));
}
