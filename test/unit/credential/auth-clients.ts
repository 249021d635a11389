import { fromSubscription, type StorageAdapter } from "socket-rotor";

/** A client of the shape of `supabase.auth`: its callbacks run under a lock that `getSession` waits for. */
export function supabaseLike(token: string | null) {
  const callbacks = new Set<(event: string, session: unknown) => unknown>();
  let lock: Promise<unknown> = Promise.resolve();
  const client = {
    token,
    error: null as Error | null,
    get subscriptions() {
      return callbacks.size;
    },
    async getSession() {
      await lock;
      const session = client.token === null || client.error ? null : { access_token: client.token };
      return { data: { session }, error: client.error };
    },
    onAuthStateChange(callback: (event: string, session: unknown) => unknown) {
      callbacks.add(callback);
      lock = lock.then(() => callback("INITIAL_SESSION", null));
      return { data: { subscription: { unsubscribe: () => void callbacks.delete(callback) } } };
    },
    /** Signs in, or out with `null`. The next caller waits until each callback has finished what it promises. */
    async set(token: string | null) {
      client.token = token;
      const told = [...callbacks].map((callback) => callback("TOKEN_REFRESHED", {}));
      lock = Promise.all(told);
      await lock;
    },
  };
  return client;
}

/** Over a client whose answer has an error beside a session that is null then. */
export const fromSupabaseLike = (client: ReturnType<typeof supabaseLike>): StorageAdapter =>
  fromSubscription({
    async read() {
      const { data, error } = await client.getSession();
      if (error) throw error;
      return data.session?.access_token;
    },
    subscribe: (onMaybeChanged) => client.onAuthStateChange(onMaybeChanged),
  });

/** A client of the shape of Firebase's `Auth`, which does not know its user until it is ready. */
export function firebaseLike() {
  const callbacks = new Set<(user: unknown) => void>();
  let becomeReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });
  const client = {
    currentUser: null as { getIdToken(): Promise<string> } | null,
    get subscriptions() {
      return callbacks.size;
    },
    authStateReady: () => ready,
    onIdTokenChanged(callback: (user: unknown) => void) {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    /** Signs in, or out with `null`; the first time it is ready, too. */
    set(getIdToken: (() => Promise<string>) | null) {
      client.currentUser = getIdToken && { getIdToken };
      becomeReady();
      for (const callback of callbacks) callback(client.currentUser);
    },
  };
  return client;
}
