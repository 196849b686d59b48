/** What the operator gave us, and the world: time and the network come in from outside. */
export interface Dependencies {
  /** Our own address. */
  origin: string;
  /**
   * Where Google's APIs live when they are not at Google: stands in front of the host, so that `https://run.googleapis.com/v2/...`
   * is `<endpoint>/run.googleapis.com/v2/...`.
   */
  endpoint: string | undefined;
  /** The issuer that visitors sign in at: https://accounts.google.com. */
  issuer: string;
  /** Our OAuth client; null: visitors can only run the script themselves. */
  client: { id: string; secret: string } | null;
  fetch: typeof fetch;
  now(): Date;
  /** Waits; rejects with the signal's reason when that comes first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
