import { ioContract } from "socket-rotor/testing";
import { describe, test } from "vitest";
import { socketIoHarness } from "../unit/testing/io-harnesses";

const servers = [
  { what: "a stock server", hasServerHalf: false, options: {} },
  { what: "our server half", hasServerHalf: true, options: {} },
  { what: "state recovery on", hasServerHalf: false, options: { connectionStateRecovery: {} } },
];

for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
  describe.each(servers)(
    `over ${transports.join(" and ")} the default adapter keeps the contract with $what:`,
    (given) => {
      const rules = ioContract(() => socketIoHarness(transports, given.hasServerHalf, given.options));
      // Each has a server of its own.
      for (const { name, run } of rules) test.concurrent(name, run);
    },
  );
}
