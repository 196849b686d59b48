import type { Webhook } from "../data/store/webhooks.ts";
import type { Seal } from "../identity/seal.ts";

const keyBytes = 32;
/** How long the former secret still signs after a rotation, in ms. */
export const rotationOverlapMs = 24 * 3600 * 1000;

const sealContext = (id: string) => `webhook ${id}`;

/** Creates a secret, plain and encrypted for storage. */
export function newSecret(seal: Pick<Seal, "close">, id: string, random: (bytes: number) => Uint8Array) {
  const secret = `whsec_${Buffer.from(random(keyBytes)).toString("base64")}`;
  return { secret, sealed: seal.close(sealContext(id), secret) };
}

/** Returns one attempt's headers, signed with every valid secret. Throws if one cannot be decrypted. */
export async function signatureHeaders(
  seal: Pick<Seal, "open">,
  webhook: Pick<Webhook, "id" | "secret" | "former" | "expires">,
  { id, body, at }: { id: string; body: string; at: Date },
): Promise<Record<string, string>> {
  const { Webhook: Signer } = await import("standardwebhooks");
  const former = webhook.expires && at < webhook.expires ? webhook.former : null;
  const secrets = [webhook.secret, ...(former ? [former] : [])];
  const signatures = secrets.map((sealed) => {
    const secret = String(seal.open(sealContext(webhook.id), sealed));
    return new Signer(secret).sign(id, at, body);
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signatures.join(" "),
  };
}
