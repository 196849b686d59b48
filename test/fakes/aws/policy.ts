/** The context of a request that conditions refer to: `sts:ExternalId`, `iam:PermissionsBoundary`, ... */
export type Context = Record<string, string | undefined>;

export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: string | string[];
  Principal?: Record<string, string | string[]> | string;
  Condition?: Record<string, Record<string, string | string[]>>;
}
export interface Policy {
  Statement: Statement | Statement[];
}

export const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const expressions = new Map<string, RegExp>();

export function matches(pattern: string, text: string, flags = ""): boolean {
  const key = `${flags} ${pattern}`;
  const expression = expressions.get(key) ?? new RegExp(expressionOf(pattern), `s${flags}`);
  expressions.set(key, expression);
  return expression.test(text);
}

const expressionOf = (pattern: string) =>
  `^${pattern
    .split(/([*?])/)
    .map((part) => (part === "*" ? ".*" : part === "?" ? "." : RegExp.escape(part)))
    .join("")}$`;

const operators: Record<string, (expected: string, actual: string) => boolean> = {
  StringEquals: (expected, actual) => expected === actual,
  StringLike: (expected, actual) => matches(expected, actual),
  ArnEquals: (expected, actual) => matches(expected, actual),
  ArnLike: (expected, actual) => matches(expected, actual),
};

export function holds({ Condition = {} }: Pick<Statement, "Condition">, context: Context): boolean {
  return Object.entries(Condition).every(([operator, keys]) => {
    const test = operators[operator];
    if (!test) throw new Error(`this fake does not know the condition ${operator}`);
    return Object.entries(keys).every(([key, expected]) => {
      const actual = context[key];
      return actual !== undefined && list(expected).some((value) => test(value, actual));
    });
  });
}

/** Whether a policy allows an action: by default nothing, and a `Deny` wins. */
export function allows(policy: Policy, action: string, resource: string, context: Context = {}): boolean {
  const applicable = list(policy.Statement).filter(
    (statement) =>
      list(statement.Action).some((pattern) => matches(pattern, action, "i")) &&
      list(statement.Resource).some((pattern) => matches(pattern, resource)) &&
      holds(statement, context),
  );
  return applicable.some(({ Effect }) => Effect === "Allow") && !applicable.some(({ Effect }) => Effect === "Deny");
}
