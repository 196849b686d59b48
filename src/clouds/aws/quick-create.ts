interface QuickCreate {
  region: string;
  /** The template's URL in S3; the console takes no other. */
  templateUrl: string;
  stackName: string;
  parameters: Record<string, string>;
}

/** Returns a link that opens the console with everything filled in: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html */
export function quickCreateUrl({ region, templateUrl, stackName, parameters }: QuickCreate): string {
  const query = new URLSearchParams({ templateURL: templateUrl, stackName });
  for (const [key, value] of Object.entries(parameters)) query.set(`param_${key}`, value);
  const console = `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}`;
  return `${console}#/stacks/create/review?${query.toString().replaceAll("+", "%20")}`;
}
