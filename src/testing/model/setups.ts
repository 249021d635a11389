import type { ConnectionOptions } from "../../options.js";

/** How the model is set up: what the options decide, and what kind of server and token there is. */
export interface Setup {
  hasRefresh: boolean;
  reconnectionAttempts: number;
  rotation: "auto" | "overlap";
  /** What the server half says of itself; `undefined` for a stock server. */
  serverHalf?: { reauthenticate: boolean };
  /** Nobody but the server can tell whose a token is. */
  isOpaque: boolean;
  /** The credential is a cookie: the server says whose it is, and what becomes of the session. */
  isCookie?: boolean;
  /** Leaves out what another set-up lives through in every state, so that the graph stays small. */
  isBrief: boolean;
}

const plain: Setup = {
  hasRefresh: true,
  reconnectionAttempts: 2,
  rotation: "auto",
  isOpaque: false,
  isBrief: false,
};
const brief: Setup = { ...plain, reconnectionAttempts: 1, isBrief: true };

/** Together they lead through every transition of the chart. */
export const SETUPS = {
  "with refresh": plain,
  "without refresh": { ...plain, hasRefresh: false },
  "another token on the same link": {
    ...brief,
    reconnectionAttempts: Number.POSITIVE_INFINITY,
    serverHalf: { reauthenticate: true },
  },
  "a new link beside the old one": { ...brief, rotation: "overlap" },
  "a user whom only the server can name": { ...brief, isOpaque: true, serverHalf: { reauthenticate: false } },
  "a session in a cookie": {
    ...brief,
    // One for the first change of a session, and one for the next.
    reconnectionAttempts: 2,
    hasRefresh: false,
    isOpaque: true,
    isCookie: true,
    serverHalf: { reauthenticate: false },
  },
} satisfies Record<string, Setup>;

/** What the options, the server and the token are like while the graph is walked. */
export type ModelSetup = keyof typeof SETUPS;

/** What the statechart has to know of a set-up. */
export function optionsOf(
  { hasRefresh, reconnectionAttempts, rotation, isCookie }: Setup,
  refresh: NonNullable<ConnectionOptions["refresh"]> = async () => null,
) {
  return {
    url: "https://api.example.com",
    reconnectionAttempts,
    autoConnect: false,
    ...(!isCookie && { rotation }),
    ...(hasRefresh && { refresh }),
  };
}
