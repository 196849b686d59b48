// Parts of cloud error messages that identify a person: account ids, resource names, addresses.
const identifyingPatterns: [RegExp, string][] = [
  [/\barn:(aws[\w-]*):([\w-]*):[^\s"'`<>,;)]*/g, "arn:$1:$2:•••"],
  [/\bhttps?:\/\/[^\s"'`<>]+/gi, "https://•••"],
  [/(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+/g, "•••"],
  [/\b(projects|subscriptions|resourceGroups|accounts|users|organizations|folders|teams)\/[^\s/"'`<>,;)]+/gi, "$1/•••"],
  [/\b(project|subscription|account|organization|user|principal)(\s+(?:id\s+)?["'`])[^"'`]+(["'`])/gi, "$1$2•••$3"],
  [/(\/(?:home|Users))\/[^\s"'`<>:,;)]+/g, "$1/•••"],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, "•••"],
  [/\b\d{12}\b/g, "•••"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, "•••"],
  [/(?<![\w:])(?:[\da-f]{1,4}:){3,7}[\da-f]{0,4}(?::[\da-f]{0,4})*(?![\w:])/gi, "•••"],
  [/(?<![\w:])(?:[\da-f]{1,4}(?::[\da-f]{1,4})*)?::[\da-f]{1,4}(?::[\da-f]{1,4})*(?![\w:])/gi, "•••"],
  [
    /(?<![\w.-])[\w.-]+(?<=\.(?:amazonaws\.com|cloudfront\.net|run\.app|googleusercontent\.com|azure\.com|windows\.net))/gi,
    "•••",
  ],
];

/** Prefix of a deployment's id that is used in cloud resource names; hidden too, because the id opens its page. */
const publicIdLength = 6;

/** In characters. `input` is larger than `output` because a pattern may be cut in half at the end of the input. */
const maxLength = { input: 8000, output: 4000 };

/**
 * Returns a cloud's message as it may be shown to anyone but the visitor: without the visitor's identity, their answers,
 * and the deployment's id.
 */
export function anonymize(text: string, { id, answers }: { id: string; answers: Iterable<string> }): string {
  let result = text;
  for (const answer of [...answers].sort((a, b) => b.length - a.length)) {
    if (answer.trim().length < 2) continue;
    // Short answers may be ordinary words, so they are replaced only as whole words.
    result = result.replace(new RegExp(`(?<![\\w-])${RegExp.escape(answer)}(?![\\w-])`, "g"), "•••");
    if (answer.length >= publicIdLength) result = result.replaceAll(answer, "•••");
  }
  if (id.length > publicIdLength)
    result = result.replace(new RegExp(`${RegExp.escape(id.slice(0, publicIdLength))}[\\w-]*`, "gi"), "•••");
  const head = result.slice(0, maxLength.input);
  return identifyingPatterns
    .reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), head)
    .slice(0, maxLength.output);
}
