/** A cloud as the pages speak of it. */
export interface CloudSummary {
  id: string;
  name: string;
  /** Its name inside a sentence: "this machine". */
  inSentence: string;
  /** Whether a vendor sends a bill for what runs there. */
  billed: boolean;
}
