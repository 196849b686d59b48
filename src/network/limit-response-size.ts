/** More than any JSON answer of a cloud's API, whose pages are limited by the cloud. */
export const maxApiResponseBytes = 16 * 1024 * 1024;

/** Wraps `fetch` so that reading a body longer than `maxBytes` fails with a RangeError and closes the connection. */
export const limitResponseSize =
  (fetch: typeof globalThis.fetch, maxBytes = maxApiResponseBytes): typeof globalThis.fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(byteLimit(maxBytes)), { status, statusText, headers });
  };

function byteLimit(maxBytes: number) {
  let bytes = 0;
  return new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) controller.error(new RangeError(`The response is longer than ${maxBytes} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
