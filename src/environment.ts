/** Reads environment variables and collects everything that is wrong with them, so that it is said at once. */
export interface Environment {
  get(name: string): string | undefined;
  /** An http or https address without a slash at the end; the fallback when unset. */
  url(name: string, fallback: string): string;
  /** The id and secret of an OAuth client, as `NAME_CLIENT_ID` and `NAME_CLIENT_SECRET` under the first of these names that has either. */
  oauthClient(...names: string[]): OAuthClient | null;
  problem(sentence: string): void;
  readonly problems: string[];
}

export interface OAuthClient {
  id: string;
  secret: string;
}

/** A row of the README's table of variables. */
export interface Setting {
  name: string;
  /** In Markdown, as are the words for when it is unset. */
  means: string;
  unset: string;
}

export function readEnvironment(env: Record<string, string | undefined>): Environment {
  const problems: string[] = [];
  return {
    problems,
    get: (name) => env[name] || undefined,
    problem: (sentence) => void problems.push(sentence),
    url(name, fallback) {
      const text = env[name] || fallback;
      if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text.replace(/\/+$/, "");
      problems.push(`${name} is "${text}": write a full address, such as ${fallback}`);
      return fallback;
    },
    oauthClient(...names) {
      const name = names.find((prefix) => env[`${prefix}_CLIENT_ID`] || env[`${prefix}_CLIENT_SECRET`]);
      if (!name) return null;
      const [id, secret] = [env[`${name}_CLIENT_ID`], env[`${name}_CLIENT_SECRET`]];
      if (id && secret) return { id, secret };
      problems.push(`${name}_CLIENT_ID and ${name}_CLIENT_SECRET go together: set both or neither`);
      return null;
    },
  };
}
