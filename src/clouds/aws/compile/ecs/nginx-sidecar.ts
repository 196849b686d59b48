import type { Value } from "../../cloudformation.ts";

/** Where the proxy listens: anywhere but on the app's own port. */
export const frontPort = (port: number): number => (port === 8081 ? 8082 : 8081);

// A load balancer that is spoken to over HTTP, as it is by CloudFront, overwrites X-Forwarded-Proto with "http", and
// every app that insists on HTTPS would redirect for ever:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html#x-forwarded-proto
const nginxConfiguration = (port: number) =>
  [
    "map $http_upgrade $connection_upgrade { default upgrade; '' ''; }",
    "server {",
    `listen ${frontPort(port)};`,
    "client_max_body_size 0;",
    "location / {",
    `proxy_pass http://127.0.0.1:${port};`,
    "proxy_http_version 1.1;",
    "proxy_buffering off;",
    "proxy_request_buffering off;",
    "proxy_read_timeout 1h;",
    "proxy_send_timeout 1h;",
    "proxy_set_header Host $http_host;",
    "proxy_set_header Upgrade $http_upgrade;",
    "proxy_set_header Connection $connection_upgrade;",
    "proxy_set_header X-Forwarded-Proto https;",
    "proxy_set_header X-Forwarded-Port 443;",
    "proxy_set_header X-Slipway-Origin '';",
    "}",
    "}",
  ].join("\n");

/** The container beside an app that tells it the truth: whoever came this far came over HTTPS. */
export const proxyContainer = (port: number, logs: Value): Value => ({
  Name: "https",
  Image: "public.ecr.aws/nginx/nginx:1.29-alpine",
  Essential: true,
  Command: ["sh", "-c", `printf '%s' "$CONFIGURATION" > /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'`],
  Environment: [{ Name: "CONFIGURATION", Value: nginxConfiguration(port) }],
  PortMappings: [{ ContainerPort: frontPort(port) }],
  LogConfiguration: logs,
});
