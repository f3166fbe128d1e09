import type { FastifyReply } from 'fastify';
import { present } from '../../assert.ts';
import { anybody } from '../access.ts';
import type { Api } from '../context.ts';
import { referencePage } from '../openapi-page.ts';

/**
 * Pages for people: `/docs` to try things out, `/redoc` to read. Nothing of them comes from another
 * host, and none of their scripts stands in a page. See docs/decisions/0011-openapi.md.
 */
export function docsGet(api: Api): void {
  let reference: string | null = null;
  const pages: Readonly<Record<string, Page>> = {
    '/docs': { type: 'text/html', policy: scriptPolicy, text: async () => docsPage },
    '/docs/start.js': { type: 'text/javascript', policy: noPolicy, text: async () => startScript },
    '/docs/scalar.js': { type: 'text/javascript', policy: noPolicy, text: scalarScript },
    '/redoc': {
      type: 'text/html',
      policy: readPolicy,
      text: async () => (reference ??= referencePage(JSON.parse(api.openApiText()))),
    },
  };
  for (const [path, page] of Object.entries(pages))
    api.get(path, { config: { ...anybody, undocumented: true } }, async (_request, reply) =>
      sendPage(reply, page),
    );
}

interface Page {
  readonly type: string;
  readonly policy: string;
  readonly text: () => Promise<string>;
}

const noPolicy = "default-src 'none'";
const shared = `${noPolicy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
/** No script at all; the styles are in the page. */
const readPolicy = `${shared}; style-src 'unsafe-inline'`;
/** Scripts of ours only. Scalar writes its styles itself, and draws its pictures. */
const scriptPolicy =
  `${shared}; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; ` +
  "img-src 'self' data: blob:; font-src 'self' data:";

async function sendPage(reply: FastifyReply, page: Page): Promise<FastifyReply> {
  const text = await page.text();
  return reply
    .headers({
      'content-security-policy': page.policy,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
      // The same until the next release: a reload asks again, a page within the hour does not.
      'cache-control': 'public, max-age=3600',
    })
    .type(`${page.type}; charset=utf-8`)
    .send(text);
}

const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tollgate API</title>
<link rel="icon" href="data:,">
</head>
<body>
<noscript>This page needs scripts; <a href="/redoc">the reference</a> does not.</noscript>
<div id="reference"></div>
<script src="/docs/scalar.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** Fonts and the proxy for requests would be Scalar's own hosts. */
const startScript = `Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  persistAuth: false,
});
`;

let scalarText: Promise<string> | null = null;

/**
 * Scalar's script is a text within its plugin, 5 MB of it: read when somebody first looks, and
 * asked of a server of its own, because its routes know nothing of our guard.
 */
function scalarScript(): Promise<string> {
  scalarText ??= readScalarScript();
  return scalarText;
}

async function readScalarScript(): Promise<string> {
  const [{ fastify }, { default: scalar }] = await Promise.all([
    import('fastify'),
    import('@scalar/fastify-api-reference'),
  ]);
  const server = fastify();
  await server.register(scalar, { routePrefix: '/docs', configuration: { url: '/openapi.json' } });
  const { statusCode, body } = await server.inject('/docs/js/scalar.js');
  await server.close();
  return present(statusCode === 200 ? body : null, 'the plugin serves its script');
}
