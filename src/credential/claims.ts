/** The claims of a JWT that are looked at (RFC 7519, section 4.1), unverified. */
export type Claims = Partial<Record<"iss" | "sub" | "act" | "tid" | "org_id" | "exp" | "iat", unknown>>;

/**
 * Reads the claims of a JWT; of any other token there are none. Its second part is JSON in base64url, so that it begins
 * with an encoded `{"`, or `{` and a space. What does not is not parsed: an exception for each opaque token would cost
 * more than the rest.
 */
export function claimsOf(token: string): Claims {
  const payload = /^[^.]*\.(e[wy][^.]*)/.exec(token)?.[1];
  if (payload === undefined) return {};
  try {
    const bytes = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    // UTF-8, without the TextDecoder that React Native lacks.
    const escaped = bytes.replace(/[%\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
    const claims: Claims = JSON.parse(decodeURIComponent(escaped));
    return claims;
  } catch {
    return {};
  }
}
