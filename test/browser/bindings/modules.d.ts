// What is used of the bindings, which have a folder of their own: test/ecosystem/bindings.
declare module "@xstate/vue" {
  import type { ConnectionInput, ConnectionLogic } from "socket-rotor";
  import type { ShallowRef } from "vue";
  import type { Actor, SnapshotFrom } from "xstate";

  export function useMachine(
    logic: ConnectionLogic,
    options: { input: ConnectionInput },
  ): { snapshot: ShallowRef<SnapshotFrom<ConnectionLogic>>; actorRef: Actor<ConnectionLogic> };
}

declare module "@xstate/solid" {
  import type { ConnectionInput, ConnectionLogic } from "socket-rotor";
  import type { Actor, SnapshotFrom } from "xstate";

  export function useMachine(
    logic: ConnectionLogic,
    options: { input: ConnectionInput },
  ): [SnapshotFrom<ConnectionLogic>, Actor<ConnectionLogic>["send"], Actor<ConnectionLogic>];
}
