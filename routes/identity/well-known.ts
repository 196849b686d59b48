import { Hono } from "hono";
import type { Issuer } from "../../src/identity/oidc-issuer.ts";

interface Needs {
  config: { origin: string };
  issuer: Pick<Issuer, "jwks">;
}

/** Serves the OpenID Connect discovery documents: https://openid.net/specs/openid-connect-discovery-1_0.html */
export const wellKnownRoutes = ({ config, issuer }: Needs) =>
  new Hono()
    .get("/.well-known/openid-configuration", (c) =>
      c.json(
        {
          issuer: config.origin,
          jwks_uri: `${config.origin}/.well-known/jwks.json`,
          response_types_supported: ["id_token"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          claims_supported: ["iss", "sub", "aud", "iat", "exp", "jti"],
        },
        200,
        { "Cache-Control": "public, max-age=3600" },
      ),
    )
    .get("/.well-known/jwks.json", async (c) =>
      c.json(await issuer.jwks(), 200, { "Cache-Control": "public, max-age=900" }),
    );
