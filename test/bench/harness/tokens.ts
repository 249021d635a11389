import { jwt } from "../../support/tokens.js";

let issued = 0;

/** A token that no other one is like, of a user. */
export function tokenOf(user: string): string {
  issued += 1;
  return jwt({ iss: "https://auth.example", sub: user, jti: `${process.pid}-${issued}` });
}
