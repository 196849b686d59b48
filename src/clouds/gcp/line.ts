import type { Data } from "../cloud.ts";
import type { Said } from "../walk.ts";

/** What a step's ledger says of one of its resources. */
export interface Line {
  /** `asked`: its request may have left. `made`: it is there, whole. `gone`: it was there, and was taken away. */
  is: "asked" | "made" | "gone" | null;
  /** The attempt of the step in which it was asked for. */
  attempt: number;
  /** Under which name Google works at it. */
  operation: string | null;
}

const keys = (id: string) => ({
  is: `${id}:is`,
  attempt: `${id}:attempt`,
  operation: `${id}:operation`,
});

export function lineOf(data: Data, id: string): Line {
  const key = keys(id);
  const is = data[key.is];
  const operation = data[key.operation];
  return {
    is: is === "asked" || is === "made" || is === "gone" ? is : null,
    attempt: Number(data[key.attempt] ?? 0),
    operation: typeof operation === "string" ? operation : null,
  };
}

/** As it is written into the ledger. */
export function written(id: string, line: Partial<Line>): Data {
  const key = keys(id);
  const entries = Object.entries(line).map(([name, value]) => [key[name as keyof Line], value]);
  return Object.fromEntries(entries) as Data;
}

/** Written down, with nothing to tell anybody. */
export const note = (data: Data): Said => ({ lines: [], data });

/** The number in the names of a step's things, where Google does not give a name twice. */
export const numberOf = (data: Data): number => Number(data.number ?? 1);
