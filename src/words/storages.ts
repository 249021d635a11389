export function cookieNotWritten(name: string, isRemoval: boolean): string {
  return isRemoval
    ? `cookieStorage could not remove the cookie "${name}". Give the path and the domain that it was set with; an HttpOnly cookie only the server can remove.`
    : `The browser did not keep the cookie "${name}" as cookieStorage wrote it. It may be longer than 4,096 bytes, secure on a page that is not, of another domain or path than the page's, hidden by an HttpOnly cookie of the same name, or blocked by a setting of the browser.`;
}

/** @param start - How the text begins, by which it was recognised. */
export function looksLikeJson(lead: string, start: string): string {
  const kind = /^[{e]|7b/i.test(start)
    ? "an object"
    : /^[[W]|5b/i.test(start)
      ? "an array"
      : "a quoted string";
  return `${lead} what looks like JSON: ${kind}. It is not sent, as there may be more in it than the access token. Take the token out with JSON.parse: before login(), in refresh, or in the read() of fromSubscription or of a storage adapter of your own. See docs/storage-adapters.md#a-token-inside-json.`;
}
