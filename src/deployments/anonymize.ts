// What clouds put into their refusals and is somebody's own: who they are there, where their things are, how to write
// to them.
const personal: [RegExp, string][] = [
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

/** A deployment's id opens its page, so not even its beginning, of which clouds' names are made, is told. */
const shownOfId = 6;

/** How many letters are read, and told: what stands at the end of the first may be cut off in the middle. */
const most = { read: 8000, told: 4000 };

/**
 * A cloud's words as they may be told to others than the visitor: without who the visitor is there, what the visitor
 * answered, and what leads to the deployment's page.
 */
export function anonymize(text: string, { id, answers }: { id: string; answers: Iterable<string> }): string {
  let said = text;
  for (const answer of [...answers].sort((a, b) => b.length - a.length)) {
    if (answer.trim().length < 2) continue;
    // Short ones are words of the language as well, so they go where they stand alone.
    said = said.replace(new RegExp(`(?<![\\w-])${RegExp.escape(answer)}(?![\\w-])`, "g"), "•••");
    if (answer.length >= shownOfId) said = said.replaceAll(answer, "•••");
  }
  if (id.length > shownOfId)
    said = said.replace(new RegExp(`${RegExp.escape(id.slice(0, shownOfId))}[\\w-]*`, "gi"), "•••");
  const start = said.slice(0, most.read);
  return personal.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), start).slice(0, most.told);
}
