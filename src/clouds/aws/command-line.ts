/** Quotes one argument for a POSIX shell, whatever it contains. */
export const quoteArgument = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

export const commandLine = (...args: string[]) => args.map(quoteArgument).join(" ");
