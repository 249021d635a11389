import type { IoAdapter } from "../../links/io-adapter.js";
import type { ContractServer } from "../contract-server.js";
import type { IoFixture } from "../io-fixture.js";

/** Rules by name. */
export type IoChecks = Readonly<
  Record<
    string,
    (fixture: IoFixture, given: { unreachable: IoAdapter; server: ContractServer }) => Promise<void>
  >
>;
