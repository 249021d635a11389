import { type Flaw, type User, users } from "../events.js";
import { provoke, requestFlawedToken, requestToken } from "./api.js";
import { credentials } from "./credentials.js";
import { byId } from "./dom.js";
import { attempt, onPress } from "./notice.js";
import type { PlaygroundConnection } from "./playground-connection.js";
import { readSettings } from "./settings.js";
import { readStoredToken, TOKEN_KEY } from "./stored-token.js";

/** Controls that are about tokens. */
const OF_TOKENS = ["expire", "audience", "revoke", "kick", "hand"];

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
    // Whatever the server says: a sign-out is done here, and at once.
    await Promise.all([connection.logout(), told]);
  });
  onPress("sign-in-nobody", () => credentials.signIn(connection, "Nobody"));
  onPress("end-session", () => credentials.expire(connection));
  onPress("connect", () => connection.connect());
  onPress("disconnect", () => connection.disconnect());
}

/** The buttons that make trouble, on the server or by a token that it refuses. */
export function bindTrouble(connection: PlaygroundConnection): void {
  if (readSettings().credential === "cookie") {
    // The server knows nobody by a token here.
    for (const id of OF_TOKENS) byId(id, HTMLElement).hidden = true;
  }
  for (const what of ["kick", "revoke"]) {
    onPress(what, () => provoke(what, readStoredToken()));
  }
  const take = async (flaw: Flaw) => connection.login(await requestFlawedToken(flaw, readStoredToken()));
  onPress("expire", () => take("expired"));
  onPress("audience", () => take("audience"));
}

/** The buttons that write the storage behind the library's back. */
export function bindByHand(): void {
  const write = (value: string) => localStorage.setItem(TOKEN_KEY, value);
  const writeTokenOf = async (user: User) => write(await requestToken(user));

  onPress("hand-garbage", () => write(`garbage-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`));
  for (const user of users) onPress(`hand-${user.toLowerCase()}`, () => writeTokenOf(user));
  onPress("hand-remove", () => localStorage.removeItem(TOKEN_KEY));
  onPress("hand-clear", () => localStorage.clear());

  const text = byId("hand-text", HTMLInputElement);
  byId("hand-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = text;
    text.value = "";
    void attempt(() => write(value));
  });
}
