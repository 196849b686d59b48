import type { Data } from "../../cloud.ts";
import type { Said } from "../../walk.ts";

/** What a step's ledger says of one of its resources. */
export interface Line {
  /** `asked`: its request may have left. `made`: it is there, whole. `gone`: it was there, and was taken away. */
  is: "asked" | "made" | "gone" | null;
  /** The attempt of the step in which it was asked for. */
  attempt: number;
  /** Under which name Google works at it. */
  operation: string | null;
}

/** What is written down of it; `number` is of all the step. */
type Change = Partial<Line> & { number?: number };

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
export function written(id: string, { number, ...line }: Change): Data {
  const key = keys(id);
  const entries = Object.entries(line).map(([name, value]) => [key[name as keyof Line], value]);
  return { ...(Object.fromEntries(entries) as Data), ...(number === undefined ? {} : { number }) };
}

/** Whether it is written down already that its request may leave in this attempt. */
export const isAsked = (data: Data, id: string): boolean => {
  const { is, attempt } = lineOf(data, id);
  return is === "asked" && attempt === Number(data.attempt ?? 1);
};

/** Written down, with nothing to tell anybody. */
export const note = (data: Data): Said => ({ lines: [], data });

/** The number in the names of a step's things, where Google does not give a name twice. */
export const numberOf = (data: Data): number => Number(data.number ?? 1);
