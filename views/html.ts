import { html } from "hono/html";

export { html };

/** Escaped markup, or a promise of it. */
export type Html = ReturnType<typeof html>;
