import { withAmplify } from "virtual:docs/auth-clients.md/withAmplify";
import { Amplify } from "aws-amplify";
import { jwt, offer, stubEndpoint } from "../fixture/stub.js";

stubEndpoint({
  origins: ["https://cognito-idp.eu-west-1.amazonaws.com"],
  grant: (_, token) => ({
    AuthenticationResult: { AccessToken: token, IdToken: jwt(), RefreshToken: "a refresh token" },
  }),
  refusal: {
    status: 400,
    body: { __type: "NotAuthorizedException", message: "Refresh Token has been revoked" },
  },
  isRefresh: () => true,
});

Amplify.configure({ Auth: { Cognito: { userPoolId: "eu-west-1_test", userPoolClientId: "app" } } });

offer(async () => {
  const stored = { accessToken: jwt(), idToken: jwt(), refreshToken: "a refresh token", clockDrift: "0" };
  for (const [name, value] of Object.entries(stored))
    localStorage.setItem(`CognitoIdentityServiceProvider.app.ada.${name}`, value);
  localStorage.setItem("CognitoIdentityServiceProvider.app.LastAuthUser", "ada");
  return withAmplify({});
});
