import { parseAddress, repositoryId } from "../address.ts";
import { note, ok, problems, type Result } from "../result.ts";

/** What an operator writes to block a repository, or everything of an owner, as it is stored. */
export function parseBlockTarget(text: string): Result<string> {
  const [, owner] = /^\s*(?:https?:\/\/)?(?:(?:www\.)?github\.com\/)?([a-z\d][\w-]{0,38})\/?\s*$/i.exec(text) ?? [];
  if (owner !== undefined) return ok(`github.com/${owner}`.toLowerCase());
  const read = parseAddress(text);
  if (read.ok) return ok(repositoryId(read.value).toLowerCase());
  return problems(
    note("This names neither a repository nor an owner.", {
      path: "name",
      fix: "Write owner/repository, or the owner alone for all they have.",
    }),
  );
}
