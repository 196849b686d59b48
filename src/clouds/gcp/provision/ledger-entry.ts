import type { LedgerData } from "../../cloud.ts";
import type { StepUpdate } from "../../walk.ts";

/** The record of one resource in the ledger data of its step. */
export interface LedgerEntry {
  /** `requested`: the request may have been sent. `created`: the resource is ready. `deleted`: it existed and was deleted. */
  status: "requested" | "created" | "deleted" | null;
  /** The attempt of the step that requested it. */
  attempt: number;
  /** The name of the long-running operation on it. */
  operation: string | null;
}

type Status = NonNullable<LedgerEntry["status"]>;

/** The spelling that ledgers in the database have. */
const storedStatus: Record<Status, string> = { requested: "asked", created: "made", deleted: "gone" };
const statuses = Object.keys(storedStatus) as Status[];

const storedKeys = (id: string) => ({
  status: `${id}:is`,
  attempt: `${id}:attempt`,
  operation: `${id}:operation`,
});

export function readEntry(data: LedgerData, id: string): LedgerEntry {
  const keys = storedKeys(id);
  const operation = data[keys.operation];
  return {
    status: statuses.find((status) => storedStatus[status] === data[keys.status]) ?? null,
    attempt: Number(data[keys.attempt] ?? 0),
    operation: typeof operation === "string" ? operation : null,
  };
}

/** Returns a change of an entry as ledger data. `generation` belongs to the whole step. */
export function entryData(
  id: string,
  { status, attempt, operation, generation }: Partial<LedgerEntry> & { generation?: number },
): LedgerData {
  const keys = storedKeys(id);
  return {
    ...(status === undefined ? {} : { [keys.status]: status && storedStatus[status] }),
    ...(attempt === undefined ? {} : { [keys.attempt]: attempt }),
    ...(operation === undefined ? {} : { [keys.operation]: operation }),
    ...(generation === undefined ? {} : { number: generation }),
  };
}

/** Whether the ledger already says that this attempt may have sent the request. */
export const isRequested = (data: LedgerData, id: string): boolean => {
  const { status, attempt } = readEntry(data, id);
  return status === "requested" && attempt === Number(data.attempt ?? 1);
};

/** An update that only stores data. */
export const silentUpdate = (data: LedgerData): StepUpdate => ({ lines: [], data });

/** Returns the number in the names of a step's resources, for names that Google does not allow to be used twice. */
export const nameGeneration = (data: LedgerData): number => Number(data.number ?? 1);
