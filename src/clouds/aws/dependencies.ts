import type { Probe } from "../probe-url.ts";

/** How the visitor's role authenticates us: by our OIDC token, or by our AWS account and an external id. */
export type TrustMethod = "oidc" | "role";

/** The operator's configuration, and the injected clock, network and randomness. */
export interface Dependencies {
  /** The origin of this Slipway, and the issuer of its tokens. */
  origin: string;
  /** Overrides the AWS endpoints. */
  endpoint: string | undefined;
  /** Keys of the operator's own account, required by the trust method `role`; null if absent. */
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null;
  /** The operator's bucket from which the AWS console can read templates. */
  templatesBucket?: string | null;
  /** Signs an OIDC ID token for this subject, valid for five minutes. */
  signIdToken(subject: string, audience: string): Promise<string>;
  /** Derives 40 letters and digits from the text, always the same on this Slipway. */
  deriveSecret(text: string): string;
  probe: Probe;
  now(): Date;
  /** Rejects with the signal's reason if that aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const audience = "sts.amazonaws.com";
