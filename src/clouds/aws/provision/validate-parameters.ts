import { type Note, note } from "../../../result.ts";
import { createStackParameters, dynamicReference, parameters, type Template } from "../cloudformation.ts";

/**
 * The limit of a parameter's value:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const maxBytes = 4096;

/** Returns the answers that CloudFormation would misread or refuse. */
export const validateParameters = (template: Template, env: Record<string, string>): Note[] => [
  ...Object.entries(env).flatMap(([name, value]) =>
    dynamicReference.test(value)
      ? [
          note(`CloudFormation would replace \`{{resolve:\` in ${name} by a secret of your account.`, {
            path: `env.${name}`,
            fix: "Write something else.",
          }),
        ]
      : [],
  ),
  ...lengthNotes(template, env),
];

/** Checks only answers that become parameters: a long default is part of the template itself. */
function lengthNotes(template: Template, env: Record<string, string>): Note[] {
  const { Variables, More } = template.Metadata.Slipway;
  return createStackParameters(template, env, {}).flatMap(({ ParameterKey, ParameterValue }) => {
    const bytes = new TextEncoder().encode(ParameterValue).length;
    if (bytes <= maxBytes) return [];
    if (ParameterKey !== parameters.more) {
      const { Name: name } = Variables.find(({ Parameter }) => Parameter === ParameterKey) ?? { Name: ParameterKey };
      const message = `${name} is longer than the ${maxBytes} bytes that CloudFormation takes.`;
      return [note(message, { path: `env.${name}`, fix: "Make it shorter." })];
    }
    const length = (name: string) => env[name]?.length ?? 0;
    const names = More.map(({ Name }) => Name)
      .filter((name) => length(name) > 0)
      .toSorted((a, b) => length(b) - length(a));
    const moreNames = names.length > 5 ? `, ... (${names.length} in all)` : "";
    return [
      note(
        `CloudFormation takes these answers as one parameter of ${maxBytes} bytes, and they are ${bytes}: ${names.slice(0, 5).join(", ")}${moreNames}.`,
        { path: `env.${names[0]}`, fix: "Deploy again with shorter ones, or leave out those the app can do without." },
      ),
    ];
  });
}
