import { withFirebase } from "virtual:docs/auth-clients.md/withFirebase";
import { initializeApp } from "firebase/app";
import { getAuth, signInWithEmailAndPassword } from "firebase/auth";
import { offer, stubEndpoint } from "../fixture/stub.js";

stubEndpoint({
  origins: ["https://identitytoolkit.googleapis.com", "https://securetoken.googleapis.com"],
  grant(url, token) {
    if (url.pathname.endsWith(":lookup")) return { users: [{ localId: "ada" }] };
    if (url.pathname.endsWith("/token"))
      return { access_token: token, refresh_token: "a refresh token", expires_in: "3600" };
    return { idToken: token, refreshToken: "a refresh token", expiresIn: "3600", localId: "ada" };
  },
  refusal: { status: 400, body: { error: { code: 400, message: "TOKEN_EXPIRED" } } },
  isRefresh: (url) => url.pathname === "/v1/token",
});

const auth = getAuth(initializeApp({ apiKey: "a key", projectId: "test", authDomain: "test.example.com" }));

offer(async () => {
  await signInWithEmailAndPassword(auth, "ada@example.com", "secret");
  return withFirebase(auth);
});
