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
  export const withAuth0: With;
  export const withMsal: With;
  export const withFirebase: With;
  export const withClerk: With;
  export const withAmplify: With;
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

declare module "@auth0/auth0-spa-js" {
  export class Auth0Client {
    constructor(options: {
      domain: string;
      clientId: string;
      useRefreshTokens: boolean;
      cacheLocation: "localstorage";
    });
    loginWithRedirect(options: { openUrl(url: string): void }): Promise<void>;
    handleRedirectCallback(url: string): Promise<object>;
  }
}

declare module "@azure/msal-browser" {
  export class PublicClientApplication {
    constructor(configuration: object);
    initialize(): Promise<void>;
    setActiveAccount(account: object): void;
  }
  export function loadExternalTokens(
    configuration: object,
    request: object,
    response: object,
    options: object,
  ): Promise<{ account: object }>;
}

declare module "firebase/app" {
  export function initializeApp(options: object): object;
}

declare module "firebase/auth" {
  export function getAuth(app: object): object;
  export function signInWithEmailAndPassword(auth: object, email: string, password: string): Promise<object>;
}

declare module "aws-amplify" {
  export const Amplify: { configure(options: object): void };
}

declare module "@clerk/clerk-js" {
  export class Clerk {
    constructor(publishableKey: string);
    load(options: { standardBrowser: boolean }): Promise<void>;
  }
}

declare module "virtual:docs/refresh.md/*" {
  export function addInterceptor(
    api: object,
    accessToken: () => string | null,
    tokenAfter: (refused: string | null) => Promise<string | null>,
  ): void;
}

declare module "axios" {
  interface Axios {
    create(options: { validateStatus(status: number): boolean }): Axios;
    get(url: string): Promise<{ status: number }>;
  }
  const axios: Axios;
  export default axios;
}

declare module "virtual:docs/storage-adapters.md/*" {
  import type { StorageAdapter } from "socket-rotor";

  interface Auth {
    token: string | null;
    theme: string;
  }
  export const auth: { getState(): Auth; setState(part: Partial<Auth>): void };
  export const zustandStorage: StorageAdapter;
  export const store: { getState(): Auth; dispatch(action: { type: "theme"; theme: string }): void };
  export const reduxStorage: StorageAdapter;
  export const useAuth: () => Auth;
  export const piniaStorage: (auth: Auth) => StorageAdapter;
}

declare module "pinia" {
  import type { Plugin } from "vue";
  export function createPinia(): Plugin & { use(plugin: unknown): void };
}

declare module "pinia-plugin-persistedstate" {
  const plugin: unknown;
  export default plugin;
}
