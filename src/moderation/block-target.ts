import { parseAddress, repositoryId } from "../address.ts";
import { note, ok, problems, type Result } from "../result.ts";

/** Parses what an operator blocks, a repository or an owner, into its stored name. */
export function parseBlockTarget(text: string): Result<string> {
  const [, owner] = /^\s*(?:https?:\/\/)?(?:(?:www\.)?github\.com\/)?([a-z\d][\w-]{0,38})\/?\s*$/i.exec(text) ?? [];
  if (owner !== undefined) return ok(`github.com/${owner}`.toLowerCase());
  const address = parseAddress(text);
  if (address.ok) return ok(repositoryId(address.value).toLowerCase());
  return problems(
    note("This names neither a repository nor an owner.", {
      path: "name",
      fix: "Write owner/repository, or the owner alone for all they have.",
    }),
  );
}
