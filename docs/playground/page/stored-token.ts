export const TOKEN_KEY = "accessToken";

/** What may be shown of a token. */
export interface TokenFacts {
  fingerprint: string;
  user: string;
  /** Epoch milliseconds. */
  life?: { from: number; to: number };
}

interface Claims {
  iat?: number;
  exp?: number;
  sub?: string;
}

export const readStoredToken = (): string | null => localStorage.getItem(TOKEN_KEY);

/** Takes from a token what may be shown. Its signature is the server's business. */
export async function factsOf(token: string): Promise<TokenFacts> {
  const fingerprint = await fingerprintOf(token);
  try {
    const [, payload = ""] = token.split(".");
    const {
      iat,
      exp,
      sub = "",
    }: Claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    const user = sub.charAt(0).toUpperCase() + sub.slice(1);
    if (iat === undefined || exp === undefined) return { fingerprint, user };
    return { fingerprint, user, life: { from: iat * 1_000, to: exp * 1_000 } };
  } catch {
    return { fingerprint, user: "not a JWT" };
  }
}

/** Eight hex characters of the SHA-256, as the server makes them. */
async function fingerprintOf(token: string): Promise<string> {
  // Missing on a page that is neither https nor localhost.
  if (!("subtle" in crypto)) return "hidden";
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Array.from(new Uint8Array(hash, 0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
