import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { isLoopback } from "../../src/config.ts";
import { respondError } from "./respond.ts";

/** Sets a CSP that allows this site's own files only, and images from anywhere for repositories' logos. */
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
    // Set by the proxy that terminates TLS; here it would lock localhost to https.
    strictTransportSecurity: false,
    // Covered by the policy above, or ignored by current browsers.
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

/** Rejects requests for other hosts while the origin is localhost, against DNS rebinding. */
export const requireOwnHost = (origin: string) => {
  const isLocal = isLoopback(origin);
  return createMiddleware(async function ownHost(c, next) {
    const { host } = new URL(c.req.url);
    if (!isLocal || isLoopback(`http://${host}`)) return next();
    return respondError(c, 421, "Wrong host name", {
      message: `Slipway runs at ${origin} and is reachable from this machine only.`,
      fix: "To open it to others, set ORIGIN to the URL they use.",
    });
  });
};

/**
 * Accepts unsafe methods only from this site's own pages, and from programs that send no Origin. On a machine that runs
 * apps, this keeps other web pages and names rebound to 127.0.0.1 from starting one.
 */
export const requireOwnOrigin = (origin: string) => {
  const { port } = new URL(origin);
  const loopbackUrls = isLoopback(origin)
    ? ["localhost", "127.0.0.1", "[::1]"].map((host) => `http://${host}:${port || 80}`)
    : [];
  const allowed = new Set([origin, ...loopbackUrls.map((url) => new URL(url).origin)]);
  return createMiddleware(async function ownOrigin(c, next) {
    if (c.req.method === "GET" || c.req.method === "HEAD" || c.req.method === "OPTIONS") return next();
    const sender = c.req.header("origin");
    const site = c.req.header("sec-fetch-site");
    const isForeign = sender === undefined ? site === "cross-site" || site === "same-site" : !allowed.has(sender);
    if (!isForeign) return next();
    return respondError(c, 403, "Request from another site", {
      message: `Slipway accepts this request only from its own pages at ${origin}.`,
      fix: `Open ${origin} and submit the form there. If you did, ORIGIN doesn't match the URL in your browser.`,
    });
  });
};

/** Rejects larger bodies before they are read. */
export const limitBody = bodyLimit({
  maxSize: 512 * 1024,
  onError: (c) =>
    respondError(c, 413, "The form is too long", {
      message: "A form can have at most 512 kB.",
      fix: "Put longer values into a file in the repository, or at a URL.",
    }),
});
