export {
  type CommandEvent,
  type ConnectionContext,
  type ConnectionEvent,
  connectionMachine,
  type EnvironmentEvent,
  type IoEvent,
  type LinksCommand,
  type RefresherCommand,
  type StorageCommand,
  type TokenEvent,
  type TrafficCommand,
  type Verdict,
} from "./connection.machine.js";
