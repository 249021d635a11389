import { warnOfProblems } from "../check-setup.js";
import { foundationOf } from "../foundation.js";
import type { SocketIoServer } from "../socket-io.js";
import { TokenError } from "../token-error.js";
import { checkFirstCall } from "./first-call.js";
import { createEnds, type SessionEnds } from "./session-ends.js";
import { keyOfSession } from "./session-key.js";
import { createNewsroom } from "./session-news.js";
import { resolveSourceOptions, type SourceOptions } from "./session-options.js";
import { createRecords, type SessionRecords } from "./session-records.js";
import type { SessionSource } from "./session-source.js";
import { createSourceSessions } from "./source-sessions.js";
import { createSourceWatch } from "./source-watch.js";
import { createDeadline } from "./store-deadline.js";

const ENDED = new TokenError("session_ended").data;

/** `shareSession` for a session source. */
export function shareSource(io: SocketIoServer, source: SessionSource, options: SourceOptions): SessionEnds {
  const resolved = resolveSourceOptions(options);
  checkFirstCall(io);
  const { required, storeTimeout, recheckInterval } = resolved;
  const installed = foundationOf(io, resolved.logger);
  const { control, log, identityKey } = installed;
  identityKey.use(resolved.identityKey);
  const within = createDeadline("the session source", storeTimeout, log);
  const watch = createSourceWatch({ source, within, records: () => records, log }, recheckInterval);
  const records: SessionRecords = createRecords(watch.start);
  const newsroom = createNewsroom({ control, records, log });
  installed.sessions = createSourceSessions(
    { source, within, records, watch, newsroom, log },
    { required, hasTokens: () => installed.tokens !== undefined },
  );
  source.onEnd?.((id) => void newsroom.tell({ key: keyOfSession(id), refusal: ENDED, isDestroyed: false }));
  warnOfProblems(io, log, "start");
  return createEnds(newsroom, true);
}
