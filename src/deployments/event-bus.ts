import type { EventRow } from "../data/store/events.ts";

/** One event as the bytes of a server-sent event; made once, however many read it. */
export interface SseMessage {
  id: number;
  bytes: Uint8Array;
}

export interface EventBus {
  publish(deployment: string, rows: EventRow[]): void;
  /** Tells that the deployment is at rest: nothing more will come, whatever is removed or retried later. */
  end(deployment: string): void;
  /** Returns how to stop listening. */
  listen(deployment: string, listener: Listener): () => void;
}
export interface Listener {
  message(message: SseMessage): void;
  end(): void;
}

const encoder = new TextEncoder();

export const toSseMessage = ({ id, type, data }: Pick<EventRow, "id" | "type" | "data">): SseMessage => ({
  id,
  bytes: encoder.encode(`id: ${id}\nevent: ${type}\ndata: ${data}\n\n`),
});

/** Who listens to which deployment, in this process. What was said before is in the database. */
export function createEventBus(): EventBus {
  const listeners = new Map<string, Set<Listener>>();
  return {
    publish(deployment, rows) {
      const set = listeners.get(deployment);
      if (!set) return;
      for (const message of rows.map(toSseMessage)) for (const listener of set) listener.message(message);
    },
    end(deployment) {
      for (const listener of [...(listeners.get(deployment) ?? [])]) listener.end();
    },
    listen(deployment, listener) {
      const set = listeners.get(deployment) ?? new Set();
      listeners.set(deployment, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(deployment) === set) listeners.delete(deployment);
      };
    },
  };
}
