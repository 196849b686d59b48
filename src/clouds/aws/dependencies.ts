/** How a role in the visitor's account knows that it is us: by our signature, or by our account and a shared id. */
export type TrustMethod = "oidc" | "role";

/** What the operator gave us, and the world: time, chance and the network come in from outside. */
export interface Dependencies {
  /** Our own address: the issuer of our tokens. */
  origin: string;
  /** Where AWS's APIs live when it is not AWS. */
  endpoint: string | undefined;
  /** Keys of the operator's own account, which the way `role` needs; null: there is none. */
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null;
  /** A bucket of the operator's that the console can read templates from. */
  templatesBucket?: string | null;
  /** A token of ours for this subject, for five minutes. */
  signIdToken(subject: string, audience: string): Promise<string>;
  /** 40 letters and digits that only this Slipway makes of this text, always the same. */
  deriveSecret(text: string): string;
  fetch: typeof fetch;
  now(): Date;
  /** Waits; rejects with the signal's reason when that comes first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const audience = "sts.amazonaws.com";
