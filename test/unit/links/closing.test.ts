import { expect, test, vi } from "vitest";
import { openLink } from "./real-link.js";

test("G9 a link that is closed ends on the wire, also while its server owes it an answer", async () => {
  const { io, link } = await openLink();
  const asked = vi.fn();
  io.of(/^\/rotor-barrier-/).use(asked);
  io.of("/second");
  const socket = link.socket("/second");
  await vi.waitFor(() => expect(socket.isConnected).toBe(true));
  socket.leave();
  // It waits until the server has read that it was left, and this server never says so.
  link.socket("/second");
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  link.close();
  await vi.waitFor(() => expect(io.engine.clientsCount).toBe(0));
});
