import { type Connection, createConnection, fromSubscription, webStorage } from "socket-rotor";

/**
 * Connects as a guest, and as the user while one is signed in. A guest has a token of the server too, a JWT whose `sub`
 * is the guest's own, so that a sign-in is a change of the user: what the guest has queued is dropped, and never sent
 * in the user's name.
 */
export function connectAsGuestFirst(url: string, askForGuestToken: () => Promise<string>): Connection {
  const [user, guest] = [webStorage("accessToken"), webStorage("guestToken")];
  return createConnection({
    url,
    storage: fromSubscription({
      async read() {
        const token = (await user.read()) ?? (await guest.read());
        if (token) return token;
        const fresh = await askForGuestToken();
        await guest.write?.(fresh);
        return fresh;
      },
      // `login(token)` and `logout()` are about the user; after a sign-out there is the guest again.
      write: (token) => user.write?.(token),
      subscribe: (onMaybeChanged) => [user.subscribe(onMaybeChanged), guest.subscribe(onMaybeChanged)],
    }),
  });
}
