import type { EventRow } from "../data/store/events.ts";

/** One server-sent event, encoded once for all its readers. */
export interface SseMessage {
  id: number;
  bytes: Uint8Array;
}

export interface EventBus {
  publish(deployment: string, rows: EventRow[]): void;
  /** Ends the streams of a deployment that has come to rest. A later removal or retry needs a new listener. */
  end(deployment: string): void;
  /** Returns a function that unsubscribes. */
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

/** Creates the in-process event bus. It keeps no history: past events are in the database. */
export function createEventBus(): EventBus {
  const listeners = new Map<string, Set<Listener>>();
  return {
    publish(deployment, rows) {
      const subscribers = listeners.get(deployment);
      if (!subscribers) return;
      for (const message of rows.map(toSseMessage)) for (const listener of subscribers) listener.message(message);
    },
    end(deployment) {
      for (const listener of [...(listeners.get(deployment) ?? [])]) listener.end();
    },
    listen(deployment, listener) {
      const subscribers = listeners.get(deployment) ?? new Set();
      listeners.set(deployment, subscribers.add(listener));
      return () => {
        subscribers.delete(listener);
        if (subscribers.size === 0 && listeners.get(deployment) === subscribers) listeners.delete(deployment);
      };
    },
  };
}
