import type { Webhook } from "../data/store/webhooks.ts";
import type { Seal } from "../identity/seal.ts";

const keyBytes = 32;
/** How long the former secret signs beside the new one, in ms. */
export const rotationOverlapMs = 24 * 3600 * 1000;

const sealedFor = (id: string) => `webhook ${id}`;

/** A new secret, and how it is kept. */
export function newSecret(seal: Pick<Seal, "close">, id: string, random: (bytes: number) => Uint8Array) {
  const secret = `whsec_${Buffer.from(random(keyBytes)).toString("base64")}`;
  return { secret, sealed: seal.close(sealedFor(id), secret) };
}

/** The headers of one attempt, signed with every secret that is good at that time. Throws when none can be opened. */
export async function signatureHeaders(
  seal: Pick<Seal, "open">,
  webhook: Pick<Webhook, "id" | "secret" | "former" | "expires">,
  { id, body, at }: { id: string; body: string; at: Date },
): Promise<Record<string, string>> {
  const { Webhook: Signer } = await import("standardwebhooks");
  const former = webhook.expires && at < webhook.expires ? webhook.former : null;
  const secrets = [webhook.secret, ...(former ? [former] : [])];
  const signatures = secrets.map((sealed) => {
    const secret = String(seal.open(sealedFor(webhook.id), sealed));
    return new Signer(secret).sign(id, at, body);
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signatures.join(" "),
  };
}
