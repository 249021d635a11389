// What is used of the code of docs/auth-clients.md, and of the clients in test/ecosystem/auth-clients.
declare module "virtual:docs/auth-clients.md/*" {
  import type { ConnectionOptions } from "socket-rotor";

  type With = (
    client: object,
    more?: unknown,
  ) => Pick<ConnectionOptions, "storage" | "refresh" | "refreshLeeway">;
  export const withOidc: With;
  export const withKeycloak: With;
  export const withSupabase: With;
}

declare module "keycloak-js" {
  export default class Keycloak {
    constructor(config: { url: string; realm: string; clientId: string });
    init(options: {
      onLoad: "check-sso";
      silentCheckSsoRedirectUri: string;
      checkLoginIframe: false;
    }): Promise<boolean>;
    readonly authenticated?: boolean;
  }
}

declare module "@supabase/supabase-js" {
  interface SupabaseClient {
    auth: {
      signInWithPassword(credentials: { email: string; password: string }): Promise<{ error: Error | null }>;
      getSession(): Promise<{ data: { session: object | null } }>;
    };
  }
  export function createClient(
    url: string,
    key: string,
    options: { auth: { autoRefreshToken: boolean; storageKey: string } },
  ): SupabaseClient;
}
