import type { Known } from "../events.js";
import type { PlaygroundConnection } from "./playground-connection.js";

/**
 * Follows what the server knows of this tab. It is asked whenever a link or a token has come into force, as a token
 * that takes effect on the same link brings no event.
 *
 * @param onKnown - called with the server's answer, and with `undefined` once there is no link
 */
export function followServed(
  { socket, actor, subscribe }: PlaygroundConnection,
  onKnown: (known: Known | undefined) => void,
): void {
  let inForce = "";

  const ask = async (asked: string): Promise<void> => {
    try {
      const known = await socket.emitWithAck("whoAmI");
      if (asked === inForce) onKnown(known);
    } catch {
      // The link has ended: the next one is asked again.
    }
  };

  subscribe(() => {
    const { value, context } = actor.getSnapshot();
    if (context.link === 0) {
      inForce = "";
      onKnown(undefined);
    } else if ("connected" in Object(value) && inForce !== `${context.link}.${context.linkVersion}`) {
      inForce = `${context.link}.${context.linkVersion}`;
      void ask(inForce);
    }
  });
}
