/** Asks the server for a token; in your application, whatever signs in. */
export async function fetchToken(name: string): Promise<string> {
  const response = await fetch("/login", {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: name,
  });
  if (!response.ok) throw new Error(`The sign-in failed: HTTP ${response.status}`);
  return response.text();
}
