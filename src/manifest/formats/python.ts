import { firstOf, type ManifestFormat, type PartialApp } from "../format.ts";

const webPackages =
  /(^|[\s"'[,])(flask|django|fastapi|starlette|tornado|bottle|aiohttp|sanic|falcon|pyramid|streamlit|gradio|dash|quart|litestar|cherrypy|nicegui|gunicorn|uvicorn|hypercorn|waitress)(?![\w-])/gim;

/** A Python web program. Buildpacks cannot start one without a command, so we infer it from common files. */
export const python: ManifestFormat = {
  id: "Python",
  kind: "hint",
  language: true,
  find: firstOf("requirements.txt", "pyproject.toml", "Pipfile"),
  read(report, { list }) {
    const packages = new Set([...report.text.matchAll(webPackages)].map(([, , name = ""]) => name.toLowerCase()));
    if (packages.size === 0) return {};
    const command = startOf(packages, list);
    const part: PartialApp = { services: [command ? { name: "web", command } : { name: "web" }] };
    const fix = `Write it into a Procfile: \`web: ${command ?? "gunicorn app:app"}\`.`;
    if (command) report.remark(null, `Nothing says how it is started; its files suggest \`${command}\`.`, fix);
    else report.remark(null, "Nothing says how it is started, and no buildpack knows.", fix);
    return part;
  },
};

function startOf(packages: ReadonlySet<string>, list: readonly string[]): string | undefined {
  const file = ["main.py", "app.py", "server.py", "wsgi.py", "asgi.py", "application.py"].find((name) =>
    list.includes(name),
  );
  const name = file?.replace(/\.py$/, "");
  const bind = "--bind 0.0.0.0:$PORT";
  if (packages.has("django")) {
    const project = list.find((path) => /^[A-Za-z_]\w*\/wsgi\.py$/.test(path))?.split("/")[0];
    if (project)
      return packages.has("gunicorn") ? `gunicorn ${project}.wsgi ${bind}` : "python manage.py runserver 0.0.0.0:$PORT";
  }
  if (packages.has("streamlit")) {
    const script = list.find((path) => /^(streamlit_app|app|main|Home)\.py$/.test(path));
    return script && `streamlit run ${script} --server.port $PORT --server.address 0.0.0.0`;
  }
  if (name && ["fastapi", "starlette", "quart", "litestar"].some((framework) => packages.has(framework))) {
    return `uvicorn ${name}:app --host 0.0.0.0 --port $PORT`;
  }
  if (name && packages.has("flask")) {
    return packages.has("gunicorn")
      ? `gunicorn ${name}:app ${bind}`
      : `flask --app ${name} run --host 0.0.0.0 --port $PORT`;
  }
  return name && packages.has("gunicorn") ? `gunicorn ${name}:app ${bind}` : undefined;
}
