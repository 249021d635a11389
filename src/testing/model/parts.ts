import type { IoAdapter } from "../../links/io-adapter.js";
import type { Extend } from "./graph.js";

/** What is put in place of the model's own. */
export interface ModelParts {
  extend: Extend;
  io(io: IoAdapter): IoAdapter;
  settled(): Promise<void>;
}
