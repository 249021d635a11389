import type { Server } from "socket.io";
import { ClusterAdapterWithHeartbeat, type ClusterMessage, type ClusterResponse } from "socket.io-adapter";

/** What connects the nodes of a test; messages go through JSON, as they would through Redis. */
export interface Bus {
  /** The adapter for each node. */
  readonly adapter: NonNullable<Parameters<Server["adapter"]>[0]>;
  /** Every message, as it went over the bus. */
  readonly messages: string[];
  /** While it is down, publishing rejects. */
  isDown: boolean;
  /** While it is deaf, nothing that is published arrives. */
  isDeaf: boolean;
}

export function createBus(): Bus {
  const members = new Set<Member>();

  class Member extends ClusterAdapterWithHeartbeat {
    constructor(namespace: ReturnType<Server["of"]>) {
      super(namespace, { heartbeatInterval: 5_000, heartbeatTimeout: 10_000 });
      members.add(this);
    }

    hear(message: ClusterMessage): void {
      // Each namespace has a channel of its own.
      if (message.nsp === this.nsp.name) this.onMessage(message);
    }

    protected async doPublish(message: ClusterMessage): Promise<string> {
      await say(JSON.stringify(message));
      return "";
    }

    protected async doPublishResponse(_: string, response: ClusterResponse): Promise<void> {
      await say(JSON.stringify(response));
    }

    override close(): void {
      members.delete(this);
      super.close();
    }
  }

  const say = async (text: string): Promise<void> => {
    if (bus.isDown) throw new Error("The bus is down.");
    bus.messages.push(text);
    await new Promise((resolve) => setImmediate(resolve));
    if (bus.isDeaf) return;
    for (const member of members) member.hear(JSON.parse(text));
  };

  const bus: Bus = { adapter: Member, messages: [], isDown: false, isDeaf: false };
  return bus;
}
