/** What a request is about, as conditions see it: `sts:ExternalId`, `iam:PermissionsBoundary`, ... */
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

export const matches = (pattern: string, text: string, flags = "") =>
  new RegExp(
    `^${pattern
      .split(/([*?])/)
      .map((part) => (part === "*" ? ".*" : part === "?" ? "." : RegExp.escape(part)))
      .join("")}$`,
    `s${flags}`,
  ).test(text);

const tests: Record<string, (wanted: string, given: string) => boolean> = {
  StringEquals: (wanted, given) => wanted === given,
  StringLike: (wanted, given) => matches(wanted, given),
  ArnEquals: (wanted, given) => matches(wanted, given),
  ArnLike: (wanted, given) => matches(wanted, given),
};

export function holds({ Condition = {} }: Pick<Statement, "Condition">, context: Context): boolean {
  return Object.entries(Condition).every(([operator, keys]) => {
    const test = tests[operator];
    if (!test) throw new Error(`this fake does not know the condition ${operator}`);
    return Object.entries(keys).every(([key, wanted]) => {
      const given = context[key];
      return given !== undefined && list(wanted).some((one) => test(one, given));
    });
  });
}

/** Whether a policy allows this, by itself: nothing is allowed that no statement allows, and a `Deny` wins. */
export function allows(policy: Policy, action: string, resource: string, context: Context = {}): boolean {
  const about = list(policy.Statement).filter(
    (statement) =>
      list(statement.Action).some((pattern) => matches(pattern, action, "i")) &&
      list(statement.Resource).some((pattern) => matches(pattern, resource)) &&
      holds(statement, context),
  );
  return about.some(({ Effect }) => Effect === "Allow") && !about.some(({ Effect }) => Effect === "Deny");
}
