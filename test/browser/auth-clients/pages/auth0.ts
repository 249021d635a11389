import { withAuth0 } from "virtual:docs/auth-clients.md/withAuth0";
import { Auth0Client } from "@auth0/auth0-spa-js";
import { jwt, offer, stubEndpoint } from "../fixture/stub.js";

let nonce: string | null = null;

stubEndpoint({
  origins: ["https://id.example.com"],
  grant: (_, token) => ({
    access_token: token,
    refresh_token: `refresh ${token}`,
    id_token: jwt({ iss: "https://id.example.com/", aud: "app", nonce }),
    token_type: "Bearer",
    expires_in: 3_600,
  }),
  refusal: { status: 403, body: { error: "invalid_grant", error_description: "Unknown refresh token." } },
  isRefresh: (url) => url.pathname === "/oauth/token",
});

const client = new Auth0Client({
  domain: "id.example.com",
  clientId: "app",
  useRefreshTokens: true,
  cacheLocation: "localstorage",
});

offer(async () => {
  let state = "";
  await client.loginWithRedirect({
    openUrl(url) {
      const { searchParams } = new URL(url);
      nonce = searchParams.get("nonce");
      state = encodeURIComponent(searchParams.get("state") ?? "");
    },
  });
  await client.handleRedirectCallback(`${location.origin}/?code=a-code&state=${state}`);
  return withAuth0(client);
});
