import { BROWSER } from "./browser.js";
import { CHANGES } from "./changes.js";
import { CHARTS } from "./charts.js";
import { COMMANDS } from "./commands.js";
import { GUARANTEES } from "./guarantees.js";
import { HOSTILE } from "./hostile.js";
import { IDENTITY } from "./identity.js";
import { LIMITS } from "./limits.js";
import type { Mutant } from "./mutant.js";
import { OUTAGES } from "./outages.js";
import { PLATFORMS } from "./platforms.js";
import { PROXIED } from "./proxies.js";
import { REQUIREMENTS } from "./requirements.js";
import { RESTARTS } from "./restarts.js";
import { REVOCATIONS } from "./revocations.js";
import { SERVER } from "./server.js";
import { SERVER_GUARDS } from "./server-guards.js";
import { SET_UP } from "./set-up.js";
import { TOKENS } from "./tokens.js";
import { WRITES } from "./writes.js";

/** Every protection that is known to have a test which fails without it. */
export const MUTANTS: readonly Mutant[] = [
  ...GUARANTEES,
  ...IDENTITY,
  ...CHANGES,
  ...COMMANDS,
  ...OUTAGES,
  ...HOSTILE,
  ...BROWSER,
  ...PROXIED,
  ...CHARTS,
  ...RESTARTS,
  ...SERVER,
  ...SERVER_GUARDS,
  ...SET_UP,
  ...PLATFORMS,
  ...TOKENS,
  ...LIMITS,
  ...REVOCATIONS,
  ...REQUIREMENTS,
  ...WRITES,
];
