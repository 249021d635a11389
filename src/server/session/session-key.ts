import { createHash } from "node:crypto";

/** What a session is known by here, and on other nodes: an id is a password, and is told to nobody. */
export function keyOfSession(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

/** What a user is known by on other nodes. */
export function keyOfUser(user: string): string {
  return createHash("sha256").update(`user ${user}`).digest("base64url");
}
