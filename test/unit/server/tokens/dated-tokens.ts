/** When a token was issued: in epoch milliseconds, never said, or said to be the moment at which it is verified. */
type Issued = number | "" | "now";

/** A token that says when it was issued, and its id where it has one. No two are the same. */
export const issue = (user: string, issuedAt: Issued = Date.now(), tokenId = ""): string =>
  [user, issuedAt, tokenId, crypto.randomUUID()].join("~");

export const verify = async (token: string) => {
  const [subject = "", issuedAt = "", tokenId = ""] = token.split("~");
  const at = issuedAt === "now" ? Date.now() : Number(issuedAt);
  return {
    subject,
    ...(issuedAt !== "" && { issuedAt: at }),
    ...(tokenId !== "" && { tokenId }),
    data: { token },
  };
};
