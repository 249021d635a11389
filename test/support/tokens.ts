/** An unsigned JWT with these claims; what reads it here never verifies it. */
export function jwt(
  claims: Readonly<Record<string, unknown>>,
  signature = "c2lnbmF0dXJlLW9mLXRoaXMtdG9rZW4",
): string {
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}.${signature}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
