export const ELSEWHERE =
  "What the application has given for its token fails. Nobody is signed out, and it is tried again. See getSnapshot().error.";

export const REJECTED =
  "It is not sent again: sign in anew, or call connect() for one more attempt. See getSnapshot().error.";

export const NO_REFRESH = ' The option "refresh" would ask for another one.';

export const EXHAUSTED =
  "The connection rests until connect() is called, another token comes, or the network or the page is back. See reconnectionAttempts and getSnapshot().error.";

export const NO_TOKEN =
  "Nobody is signed in: the storage holds no token, or its token was signed out. Guests need a guest token, or a plain io().";

export const NO_SESSION =
  "Nobody is signed in in the session of this browser. Guests need a server that lets them in (required: false), or a plain io().";
