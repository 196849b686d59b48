import type { Variable } from "../app.ts";
import { describeVariable, type VariableDeclaration } from "./infer/variable.ts";
import type { Diagnostics } from "./syntax/diagnostics.ts";
import type { Place } from "./syntax/tree.ts";

/** Creates a variable and remarks on a value that is not taken as it is. */
export function declareVariable(
  name: string,
  declaration: VariableDeclaration,
  where: Place | null,
  report: Diagnostics,
): Variable {
  const { variable, note } = describeVariable(name, declaration);
  if (note) report.remarkOnVariable(name, where, note.message, note.fix);
  return variable;
}
