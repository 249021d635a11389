import type { Socket } from "socket.io-client";
import { type Client, connected, listenForEnd, next, startServer } from "../../../support/real-server.js";
import { verify } from "./dated-tokens.js";

export const CLOSED = { error: "invalid_token", error_description: "A newer token is required." };

/** The least that `within` may be, in milliseconds. */
export const WITHIN = 2_000;

export const start = (settings: Parameters<typeof startServer>[0] = {}) =>
  startServer({ verify, maxReauthenticationsPerMinute: Number.POSITIVE_INFINITY, ...settings });

/** A connection that hears when a newer token is wanted, and how it ends. */
export async function join(client: Client, token: string) {
  const [main, control] = [client.join("/", { token }), client.join("/rotor", { token })];
  const required = next(control, "reauthenticate_required");
  const end = listenForEnd(client, control, [main]);
  const [ready] = await Promise.all([next(control, "ready"), connected(main)]);
  return {
    control,
    ready,
    required,
    end,
    bring: (text: string): Promise<unknown> =>
      control.emitWithAck("reauthenticate", { auth: { token: text } }),
  };
}

/** A stock client knows nothing of the control namespace. Answers with what it hears of its end. */
export async function joinStock(client: Client, token: string) {
  const socket: Socket = await connected(client.join("/", { token }));
  return { socket, end: next(socket, "disconnect") };
}
