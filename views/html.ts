import { html } from "hono/html";

export { html };

/** What the tag gives: a string that knows it is escaped, or the promise of one. */
export type Html = ReturnType<typeof html>;
