import type { LedgerData } from "../../cloud.ts";
import type { StepUpdate } from "../../walk.ts";

/** What a step's ledger says of one of its resources. */
export interface LedgerEntry {
  /** `asked`: its request may have left. `made`: it is there, whole. `gone`: it was there, and was taken away. */
  status: "asked" | "made" | "gone" | null;
  /** The attempt of the step in which it was asked for. */
  attempt: number;
  /** Under which name Google works at it. */
  operation: string | null;
}

/** What is written down of it; `number` is of all the step. */
type Change = Partial<LedgerEntry> & { number?: number };

const keys = (id: string) => ({
  status: `${id}:is`,
  attempt: `${id}:attempt`,
  operation: `${id}:operation`,
});

export function readEntry(data: LedgerData, id: string): LedgerEntry {
  const key = keys(id);
  const is = data[key.status];
  const operation = data[key.operation];
  return {
    status: is === "asked" || is === "made" || is === "gone" ? is : null,
    attempt: Number(data[key.attempt] ?? 0),
    operation: typeof operation === "string" ? operation : null,
  };
}

/** As it is written into the ledger. */
export function entryData(id: string, { number, ...line }: Change): LedgerData {
  const key = keys(id);
  const entries = Object.entries(line).map(([name, value]) => [key[name as keyof LedgerEntry], value]);
  return { ...(Object.fromEntries(entries) as LedgerData), ...(number === undefined ? {} : { number }) };
}

/** Whether it is written down already that its request may leave in this attempt. */
export const isRequested = (data: LedgerData, id: string): boolean => {
  const { status: is, attempt } = readEntry(data, id);
  return is === "asked" && attempt === Number(data.attempt ?? 1);
};

/** Written down, with nothing to tell anybody. */
export const silentUpdate = (data: LedgerData): StepUpdate => ({ lines: [], data });

/** The number in the names of a step's things, where Google does not give a name twice. */
export const nameGeneration = (data: LedgerData): number => Number(data.number ?? 1);
