import { withOidc } from "virtual:docs/auth-clients.md/withOidc";
import { User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { expose } from "../fixture/expose.js";

const manager = new UserManager({
  authority: location.origin,
  client_id: "app",
  redirect_uri: location.origin,
  metadata: { token_endpoint: `${location.origin}/realms/test/protocol/openid-connect/token` },
  automaticSilentRenew: false,
  userStore: new WebStorageStateStore({ store: localStorage }),
});

expose(() => withOidc(manager), {
  async signIn() {
    const response = await fetch("/sign-in");
    const profile = { sub: "ada", iss: location.origin, aud: "app", exp: 0, iat: 0 };
    const user = new User({ ...(await response.json()), profile });
    await manager.storeUser(user);
    await manager.events.load(user);
  },
  isSignedIn: async () => (await manager.getUser()) !== null,
});
