import type { Template, Value } from "../../../src/clouds/aws/cloudformation.ts";

/**
 * Resolves a template's intrinsics as CloudFormation would, with the given or default parameters. An attribute that
 * exists only after creation becomes `<LogicalId.Attribute>`.
 */
export function evaluate(template: Template, parameters: Record<string, string> = {}): Record<string, Value> {
  const pseudo: Record<string, Value> = {
    "AWS::AccountId": "111122223333",
    "AWS::Region": "us-east-1",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "slipway-app-12345678",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/slipway-app-12345678/guid",
  };
  const noValue = Symbol("AWS::NoValue");
  type Evaluated = Value | typeof noValue;
  const ref = (id: string): Evaluated => {
    if (id === "AWS::NoValue") return noValue;
    if (Object.hasOwn(pseudo, id)) return pseudo[id] ?? "";
    const parameter = template.Parameters[id];
    if (parameter) return parameters[id] ?? parameter.Default ?? `<${id}>`;
    if (!template.Resources[id]) throw new Error(`Nothing is called ${id}`);
    return `<${id}>`;
  };
  const att = (id: string, attribute: string) => {
    if (!template.Resources[id]) throw new Error(`Nothing is called ${id}`);
    return `<${id}.${attribute}>`;
  };
  const text = (value: Value) => {
    const evaluated = evaluateValue(value);
    if (typeof evaluated === "object" || typeof evaluated === "symbol")
      throw new Error(`${JSON.stringify(value)} is no text`);
    return String(evaluated);
  };
  const evaluateCondition = (condition: Value): boolean => {
    if (typeof condition === "string") return evaluateCondition(template.Conditions[condition] ?? {});
    const [[name, parts] = ["", []]] = Object.entries(condition as Record<string, Value[]>);
    if (name === "Fn::Equals") return text(parts[0] ?? "") === text(parts[1] ?? "");
    if (name === "Fn::Not") return !evaluateCondition(parts[0] ?? "");
    if (name === "Fn::And") return parts.every(evaluateCondition);
    if (name === "Fn::Or") return parts.some(evaluateCondition);
    throw new Error(`${name} is no condition`);
  };
  const sub = (pattern: string) =>
    pattern.replace(/\$\{(!?)([^}]*)\}/g, (_, literal, name: string) => {
      if (literal) return `\${${name}}`;
      const [id = "", attribute] = name.split(/\.(.*)/s);
      return attribute === undefined ? text({ Ref: id }) : att(id, attribute);
    });
  function evaluateValue(value: Value): Evaluated {
    if (Array.isArray(value)) return value.map(evaluateValue).filter((item) => item !== noValue) as Value[];
    if (typeof value !== "object" || value === null) return value;
    const [[name, inner] = ["", null], second] = Object.entries(value);
    if (second === undefined && (name === "Ref" || name.startsWith("Fn::"))) {
      const parts = (Array.isArray(inner) ? inner : []) as Value[];
      if (name === "Ref") return ref(inner as string);
      if (name === "Fn::GetAtt") return att(parts[0] as string, parts[1] as string);
      if (name === "Fn::Sub") return sub(inner as string);
      if (name === "Fn::Join") return (evaluateValue(parts[1] ?? []) as Value[]).map(String).join(parts[0] as string);
      if (name === "Fn::If") return evaluateValue((evaluateCondition(parts[0] ?? "") ? parts[1] : parts[2]) ?? "");
      if (name === "Fn::Split") return text(parts[1] ?? "").split(parts[0] as string);
      if (name === "Fn::Select") return (evaluateValue(parts[1] ?? []) as Value[])[Number(parts[0])] ?? `<${name}>`;
      if (name === "Fn::GetAZs") return ["us-east-1a", "us-east-1b"];
      if (name === "Fn::Cidr") return ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20", "10.0.48.0/20"];
      throw new Error(`${name} is no intrinsic`);
    }
    const entries = Object.entries(value).map(([key, item]) => [key, evaluateValue(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== noValue)) as Value;
  }
  const created = Object.entries(template.Resources).filter(
    ([, { Condition }]) => !Condition || evaluateCondition(Condition),
  );
  return Object.fromEntries(created.map(([id, { Properties = {} }]) => [id, evaluateValue(Properties) as Value]));
}

export const outputsOf = (template: Template, parameters: Record<string, string> = {}) =>
  evaluate(
    { ...template, Resources: { ...template.Resources, Outputs: { Type: "x", Properties: valuesOf(template) } } },
    parameters,
  ).Outputs as Record<string, string>;

const valuesOf = ({ Outputs }: Template) =>
  Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, Value]));
