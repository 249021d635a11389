import { withKeycloak } from "virtual:docs/auth-clients.md/withKeycloak";
import Keycloak from "keycloak-js";
import { expose } from "../fixture/expose.js";

const keycloak = new Keycloak({ url: location.origin, realm: "test", clientId: "app" });

expose(() => withKeycloak(keycloak), {
  async signIn() {
    const silentCheckSsoRedirectUri = `${location.origin}/silent`;
    await keycloak.init({ onLoad: "check-sso", silentCheckSsoRedirectUri, checkLoginIframe: false });
  },
  isSignedIn: async () => keycloak.authenticated === true,
});
