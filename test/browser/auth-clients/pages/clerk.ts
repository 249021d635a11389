import { withClerk } from "virtual:docs/auth-clients.md/withClerk";
import { Clerk } from "@clerk/clerk-js";
import { jwt, offer, stubEndpoint } from "../fixture/stub.js";

let isOver = false;
const session = () => ({
  object: "session",
  id: "sess_1",
  status: "active",
  last_active_token: { object: "token", jwt: jwt({ sid: "sess_1" }) },
  last_active_organization_id: null,
  expire_at: Date.now() + 3_600_000,
  abandon_at: Date.now() + 3_600_000,
  last_active_at: Date.now(),
  created_at: Date.now(),
  updated_at: Date.now(),
  user: {
    object: "user",
    id: "user_1",
    email_addresses: [],
    phone_numbers: [],
    organization_memberships: [],
  },
});
const client = () => ({
  response: {
    object: "client",
    id: "client_1",
    sessions: isOver ? [] : [session()],
    last_active_session_id: isOver ? null : "sess_1",
    sign_in: null,
    sign_up: null,
  },
});

stubEndpoint({
  origins: ["https://clerk.example.com"],
  grant(url, token) {
    if (url.pathname.includes("/tokens")) return { object: "token", jwt: token };
    if (url.pathname.endsWith("/environment"))
      return { auth_config: { single_session_mode: true }, display_config: {}, user_settings: {} };
    return client();
  },
  refusal: {
    status: 401,
    body: { errors: [{ code: "authentication_invalid", message: "Unable to authenticate" }] },
  },
  isRefresh(url) {
    const isToken = url.pathname.includes("/tokens");
    isOver ||= isToken;
    return isToken;
  },
});

offer(async () => {
  const clerk = new Clerk(`pk_test_${btoa("clerk.example.com$")}`);
  await clerk.load({ standardBrowser: false });
  return withClerk(clerk);
});
