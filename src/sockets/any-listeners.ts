import type { DefaultEventsMap } from "@socket.io/component-emitter";

/** A listener of every event, with the arguments that Socket.IO's own types give it. */
export type AnyListener = DefaultEventsMap[string];

/** Listeners of every event, kept as socket.io-client keeps them: in order, one as often as it was added. */
export class AnyListeners {
  list: AnyListener[] = [];

  /** Takes one out, once; without one, all. */
  remove(listener: AnyListener | undefined): void {
    if (!listener) this.list = [];
    else if (this.list.includes(listener)) this.list.splice(this.list.indexOf(listener), 1);
  }

  /** Calls each one; false when there is none. */
  call(socket: object, args: readonly unknown[]): boolean {
    const listeners = [...this.list];
    for (const listener of listeners) listener.apply(socket, [...args]);
    return listeners.length > 0;
  }
}
