import type { Readable } from "node:stream";
import { Transform } from "node:stream";

/** More than any page of an answer, which AWS limits itself. */
const maxResponseBytes = 16 * 1024 * 1024;

interface Handler {
  handle(request: never, options?: never): Promise<{ response: { body?: unknown } }>;
}
interface Extension {
  httpHandler(): Handler;
  setHttpHandler(handler: never): void;
}

/** Extends an SDK client so that it fails to read responses longer than `maxBytes`. */
export const limitResponses = (maxBytes = maxResponseBytes) => ({
  configure(extension: Extension) {
    const inner = extension.httpHandler();
    const handle: Handler["handle"] = async (request, options) => {
      const output = await inner.handle(request, options);
      const body = output.response.body as Readable | undefined;
      if (typeof body?.pipe === "function") output.response.body = limitBytes(body, maxBytes);
      return output;
    };
    extension.setHttpHandler(
      new Proxy(inner, { get: (target, key) => (key === "handle" ? handle : bound(target, key)) }) as never,
    );
  },
});

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key);
  return typeof value === "function" ? value.bind(target) : value;
}

function limitBytes(body: Readable, maxBytes: number): Readable {
  let bytes = 0;
  const limited = new Transform({
    transform(chunk: Buffer, _, callback) {
      bytes += chunk.length;
      if (bytes <= maxBytes) return callback(null, chunk);
      body.destroy();
      callback(new RangeError(`The response is longer than ${maxBytes} bytes`));
    },
  });
  body.on("error", (error) => limited.destroy(error));
  return body.pipe(limited);
}
