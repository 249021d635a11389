import { createActor, type EventObject, type Snapshot, type SnapshotFrom } from "xstate";
import { type ConnectionEvent, type CredentialEvent, credentialMachine } from "../../../machines/index.js";
import type { ConnectionInput } from "../../connection-logic.js";
import { applyPolicy } from "../../credential/verdict-policy.js";
import type { ConnectionMachine, ModelEvent } from "./graph.js";

/** The two charts of a connection, as they are between two events. */
export interface Charts {
  connection: SnapshotFrom<ConnectionMachine>;
  credential: SnapshotFrom<typeof credentialMachine>;
  /** Whether the storage is read again after a delay, as nobody could find out whether somebody is signed in. */
  isReadPending: boolean;
}

export type Pair = Snapshot<unknown> & Charts;

/** What a chart has sent in a step. */
interface Sent {
  to: unknown;
  event: EventObject;
  delay: number | undefined;
}

/** Both charts as one that the graph functions can explore: what one sends, the other hears. */
export function pairOf(machine: ConnectionMachine, input: ConnectionInput) {
  const root = createActor(machine, { input });
  const { settings } = root.getSnapshot().context;
  const child = createActor(credentialMachine, { input: settings, parent: root });
  const executed: { type: string; params: unknown }[] = [];
  const scopeOf = <Self extends typeof root | typeof child>(self: Self) => ({
    self,
    system: self.system,
    id: self.id,
    sessionId: self.sessionId,
    logger() {},
    defer() {},
    emit() {},
    stopChild() {},
    actionExecutor: (action: { type: string; params: unknown }) => void executed.push(action),
  });
  const rootScope = scopeOf(root);
  const childScope = scopeOf(child);

  const begin = (charts: Charts): Pair => ({
    ...charts,
    status: charts.connection.status === "active" ? "active" : "stopped",
    output: undefined,
    error: undefined,
  });

  /** What was sent in a step, and whether a delayed reading was taken back. */
  const sent = (): { messages: Sent[]; isCancelled: boolean } => {
    const actions = executed.splice(0);
    const messages = actions.flatMap(({ type, params }) =>
      type === "xstate.sendTo" ? [sentBy(params)] : [],
    );
    return { messages, isCancelled: actions.some(({ type }) => type === "xstate.cancel") };
  };

  const step = (before: Pair, event: ModelEvent): Pair => {
    let { connection, credential, isReadPending } = before;
    const toConnection: ConnectionEvent[] = [];
    const toCredential: CredentialEvent[] = [];
    const heard = judged(event, before);
    // The events of delays are in no chart's own type, and known to it nevertheless.
    if (isForCredential(heard)) toCredential.push(heard as CredentialEvent);
    else toConnection.push(heard as ConnectionEvent);
    if (heard.type === "read") isReadPending = false;
    while (toConnection.length + toCredential.length > 0) {
      const asked = toCredential.shift();
      if (asked) {
        credential = credentialMachine.transition(credential, asked, childScope);
        for (const { to, event: told } of sent().messages)
          if (to === root) toConnection.push(told as ConnectionEvent);
        continue;
      }
      const next = toConnection.shift();
      if (!next) break;
      connection = machine.transition(connection, next, rootScope);
      const { messages, isCancelled } = sent();
      if (isCancelled) isReadPending = false;
      for (const { to, event: told, delay } of messages) {
        if (to !== connection.children.credential) continue;
        if (delay === undefined) toCredential.push(told as CredentialEvent);
        else isReadPending = true;
      }
    }
    return begin({ connection, credential, isReadPending });
  };

  /** A report of a link or a server, as the policy turns it for the connection chart. */
  const judged = (event: ModelEvent, { connection: { context }, credential }: Charts): ModelEvent => {
    if (event.type !== "io.ended" && event.type !== "io.reauthenticationFailed") return event;
    const hasAttemptsLeft = context.attempt < context.settings.reconnectionAttempts;
    const verdict = applyPolicy(credential, event.version, event.verdict, event.session, hasAttemptsLeft);
    return { ...event, verdict } as ModelEvent;
  };

  return {
    transition: step,
    getInitialSnapshot: () =>
      begin({ connection: root.getSnapshot(), credential: child.getSnapshot(), isReadPending: false }),
    getPersistedSnapshot: (pair: Pair): Pair => pair,
  };
}

/** Where an event comes from decides which chart hears it. */
function isForCredential(event: ModelEvent): boolean {
  return event.type === "read" || event.type.startsWith("token.") || event.type.includes(".credential.");
}

function sentBy(params: unknown): Sent {
  const { to, event, delay } = params as Sent;
  return { to, event, delay };
}
