/** The lines of nginx's configuration template for a static site; nginx fills in the port when it starts. */
export const nginxTemplate = [
  "server {",
  "listen $PORT;",
  "root /usr/share/nginx/html;",
  "error_page 404 /404.html;",
  "location / { try_files $uri $uri.html $uri/index.html =404; }",
  "}",
];

/**
 * Returns a Dockerfile whose build arguments are the build command and the folder to publish. `addTemplate` is the
 * instruction that puts the nginx template into the image.
 */
export const siteDockerfile = (base: string, nginx: string, addTemplate: string): string[] => [
  `FROM ${base} AS build`,
  "WORKDIR /app",
  "COPY . .",
  "ARG COMMAND",
  'RUN sh -c "$COMMAND"',
  "ARG PUBLISH",
  'RUN mkdir /site && cp -a "./$PUBLISH/." /site',
  `FROM ${nginx}`,
  "COPY --from=build /site /usr/share/nginx/html",
  addTemplate,
];
