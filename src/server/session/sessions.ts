import type { Authentication } from "../installed.js";
export interface Sessions extends Authentication {}
