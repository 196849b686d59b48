import type { Proposal } from "../../src/maintainers/badge-proposal.ts";

/** Returns the JSON twin of a proposal, with its diff as text. */
export const proposalJson = ({ file, where, diffs }: Proposal) => ({
  file,
  where,
  diff: diffs.map(({ lines }) => lines.map(({ text }) => `${text}\n`).join("")).join(""),
});

/** Returns the description of the pull request. */
export const pullRequestBody = ({ change }: Proposal, page: string) =>
  `${[
    `The button leads to ${page}. Whoever presses it sees what the app needs and what that costs on each cloud, and can run it in an account of their own.`,
    `Changed: ${[...change.keys()].map((file) => `\`${file}\``).join(" and ")}. Nothing else.`,
    ...([...change.keys()].some((file) => file.endsWith("app.json"))
      ? ["`app.json` says what was found in the repository. Look at it before you merge: from then on it decides."]
      : []),
  ].join("\n\n")}\n`;
