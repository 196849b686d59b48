import type { Mark } from "../badges/logos.ts";

/** A cloud as the pages speak of it. */
export interface CloudSummary {
  id: string;
  name: string;
  mark?: Mark;
  /** Its name inside a sentence: "this machine". */
  inSentence: string;
  /** Whether a vendor sends a bill for what runs there. */
  billed: boolean;
}
