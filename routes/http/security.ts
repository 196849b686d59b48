import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { isLoopback } from "../../src/config.ts";
import { respondError } from "./respond.ts";

/** Pages run our own files only; a repository's logo is the one thing that may come from elsewhere. */
const headersWith = (referrerPolicy: "strict-origin-when-cross-origin" | "same-origin") =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "https:", "data:"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy,
    // Set by whoever terminates TLS; from us it would lock localhost to https.
    strictTransportSecurity: false,
    // What the policy above says already, or what no browser of today reads; each costs every page a header.
    xFrameOptions: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    xDnsPrefetchControl: false,
    originAgentCluster: false,
  });

/** Sets the security headers. The address of a deployment is never sent to another site, not even its origin. */
export const securityHeaders = (): MiddlewareHandler => {
  const [general, forDeployments] = [headersWith("strict-origin-when-cross-origin"), headersWith("same-origin")];
  return (c, next) => (c.req.path.startsWith("/deployments/") ? forDeployments : general)(c, next);
};

/**
 * While Slipway is for this machine alone, it goes by this machine's names only: another name that leads here belongs
 * to a page that wants to read what is here, or to start something (DNS rebinding).
 */
export const requireOwnHost = (origin: string) => {
  const guarded = isLoopback(origin);
  return createMiddleware(async function ownHost(c, next) {
    const { host } = new URL(c.req.url);
    if (!guarded || isLoopback(`http://${host}`)) return next();
    return respondError(c, 421, "Wrong host name", {
      message: `Slipway runs at ${origin} and is reachable from this machine only.`,
      fix: "To open it to others, set ORIGIN to the URL they use.",
    });
  });
};

/**
 * Changing anything takes a request from our own pages, or from a program that sends no Origin at all. On a machine
 * that runs apps this is what keeps every other web page, and every name rebound to 127.0.0.1, from starting one.
 */
export const requireOwnOrigin = (origin: string) => {
  const { port } = new URL(origin);
  const own = isLoopback(origin)
    ? ["localhost", "127.0.0.1", "[::1]"].map((host) => `http://${host}:${port || 80}`)
    : [];
  const allowed = new Set([origin, ...own.map((url) => new URL(url).origin)]);
  return createMiddleware(async function ownOrigin(c, next) {
    if (c.req.method === "GET" || c.req.method === "HEAD" || c.req.method === "OPTIONS") return next();
    const from = c.req.header("origin");
    const site = c.req.header("sec-fetch-site");
    const foreign = from === undefined ? site === "cross-site" || site === "same-site" : !allowed.has(from);
    if (!foreign) return next();
    return respondError(c, 403, "Request from another site", {
      message: `Slipway accepts this request only from its own pages at ${origin}.`,
      fix: `Open ${origin} and submit the form there. If you did, ORIGIN doesn't match the URL in your browser.`,
    });
  });
};

/** No order is longer; whatever sends more is refused before it is read. */
export const limitBody = bodyLimit({
  maxSize: 512 * 1024,
  onError: (c) =>
    respondError(c, 413, "The form is too long", {
      message: "A form can have at most 512 kB.",
      fix: "Put longer values into a file in the repository, or at a URL.",
    }),
});
