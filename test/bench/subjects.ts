import { browser } from "./browser.js";
import { connections } from "./connections.js";
import { firstConnection } from "./first-connection.js";
import type { Subject } from "./harness/subject.js";
import { herd } from "./herd.js";
import { importing } from "./import.js";
import { queues } from "./queues.js";
import { rotation } from "./rotation.js";
import { server } from "./server.js";
import { size } from "./size.js";
import { traffic } from "./traffic.js";

/** In the order of docs/performance.md. */
export const SUBJECTS: readonly Subject[] = [
  size,
  importing,
  firstConnection,
  connections,
  traffic,
  queues,
  rotation,
  browser,
  herd,
  server,
];
