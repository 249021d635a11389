import type { IoAdapter } from "../../links/io-adapter.js";
import type { ContractServer } from "../contract-server.js";
import type { IoBench } from "../io-bench.js";

/** Rules by name. */
export type IoChecks = Readonly<
  Record<string, (bench: IoBench, given: { unreachable: IoAdapter; server: ContractServer }) => Promise<void>>
>;
