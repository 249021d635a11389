import { withMsal } from "virtual:docs/auth-clients.md/withMsal";
import { loadExternalTokens, PublicClientApplication } from "@azure/msal-browser";
import { jwt, offer, stubEndpoint } from "../fixture/stub.js";

const TENANT = "00000000-0000-0000-0000-000000000001";
const AUTHORITY = `https://login.microsoftonline.com/${TENANT}`;
const SCOPES = ["api://app/chat"];
const clientInfo = btoa(JSON.stringify({ uid: "ada", utid: TENANT })).replaceAll("=", "");

const answered = (token: string) => ({
  access_token: token,
  refresh_token: `refresh ${token}`,
  id_token: jwt({ iss: `${AUTHORITY}/v2.0`, aud: "app", oid: "ada", tid: TENANT, preferred_username: "ada" }),
  client_info: clientInfo,
  token_type: "Bearer",
  scope: SCOPES.join(" "),
  expires_in: 3_600,
});

stubEndpoint({
  origins: ["https://login.microsoftonline.com"],
  grant: (_, token) => answered(token),
  refusal: { status: 400, body: { error: "interaction_required", error_description: "AADSTS50076" } },
  isRefresh: (url) => url.pathname.endsWith("/token"),
});

const configuration = {
  auth: {
    clientId: "app",
    authority: AUTHORITY,
    knownAuthorities: ["login.microsoftonline.com"],
    authorityMetadata: JSON.stringify({
      issuer: `${AUTHORITY}/v2.0`,
      authorization_endpoint: `${AUTHORITY}/oauth2/v2.0/authorize`,
      token_endpoint: `${AUTHORITY}/oauth2/v2.0/token`,
      end_session_endpoint: `${AUTHORITY}/oauth2/v2.0/logout`,
      jwks_uri: `${AUTHORITY}/discovery/v2.0/keys`,
    }),
  },
  cache: { cacheLocation: "localStorage" },
};

offer(async () => {
  const app = new PublicClientApplication(configuration);
  await app.initialize();
  const request = { scopes: SCOPES, authority: AUTHORITY };
  const { account } = await loadExternalTokens(configuration, request, answered(jwt()), { clientInfo });
  app.setActiveAccount(account);
  return withMsal(app, SCOPES);
});
