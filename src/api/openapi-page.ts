import type { Answer, Json, JsonObject, OpenApiDocument, Operation } from './openapi-document.ts';

/** The document as one page to read, search and print; it needs no script. */
export function referencePage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const sections = document.tags.map((tag) => {
    const ofTag = operations.filter(({ operation }) => operation.tags[0] === tag['name']);
    return { tag, ofTag };
  });
  const menu = sections.map(
    ({ tag, ofTag }) =>
      `<li><a href="#${idOf(tag)}">${escape(tag['name'])}</a><ul>${ofTag
        .map(({ operation: { operationId, summary } }) => {
          return `<li><a href="#${operationId}">${escape(summary)}</a></li>`;
        })
        .join('')}</ul></li>`,
  );
  const body = sections.map(
    ({ tag, ofTag }) =>
      `<section id="${idOf(tag)}"><h2>${escape(tag['name'])}</h2><p>${text(tag['description'])}</p>` +
      ofTag.map((one) => operationPart(one, document)).join('') +
      `${tag['name'] === 'Webhooks' ? webhooksPart(document) : ''}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tollgate API reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>${style}</style></head><body>
<nav aria-label="Operations"><ul>${menu.join('')}<li><a href="#schemas">Schemas</a></li></ul></nav>
<main><h1>Tollgate API ${escape(document.info['version'])}</h1>${paragraphs(document.info['description'])}
<p><a href="/openapi.json">OpenAPI 3.1</a> · <a href="/docs">try it out</a></p>
${body.join('\n')}${schemasPart(document)}</main></body></html>
`;
}

const style = `body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;display:flex}
nav{position:sticky;top:0;height:100vh;overflow:auto;width:16rem;flex:none;font-size:.85rem;border-right:1px solid #ccc}
nav ul{list-style:none;padding-left:1rem}main{padding:1rem 2rem;max-width:60rem;min-width:0}
a{color:#0550ae}code,pre{font:.85rem/1.4 ui-monospace,monospace}pre{background:#f4f4f4;padding:.75rem;overflow:auto}
article{border-top:1px solid #ccc;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ddd}td{overflow-wrap:anywhere}
@media(max-width:700px){body{display:block}nav{position:static;height:auto;width:auto}}
@media print{nav{display:none}}
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#79b8ff}pre{background:#222}}`;

interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

function operationPart({ method, path, operation }: Placed, document: OpenApiDocument): string {
  const { role, scope } = operation['x-access'];
  const who =
    role === 'public'
      ? 'Nobody needs to sign in.'
      : `Role <code>${role}</code>; ${scope === null ? 'no API key' : `API key with <code>${scope}</code>`}.`;
  const rows = operation.parameters.map((parameter) => {
    const { name, in: place, required, description, schema } = resolve(parameter, document);
    const need = required === true ? 'required' : '';
    return [code(name), `${escape(place)} ${need}`, code(typeWords(schema)), text(description)];
  });
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const resolved = resolve(asObject(answer), document);
    return [code(status), text(resolved['description']), bodyWords(resolved['content'])];
  });
  return (
    `<article id="${operation.operationId}"><h3>${escape(operation.summary)}</h3>` +
    `<p><code>${method.toUpperCase()} ${escape(path)}</code></p>` +
    `<p>${text(operation.description)} ${who}</p>` +
    (rows.length === 0 ? '' : table(['Parameter', 'Where', 'Type', ''], rows)) +
    (operation.requestBody === undefined
      ? ''
      : `<h4>Body</h4>${example(operation.requestBody['content'])}`) +
    `<h4>Answers</h4>${table(['Status', '', 'Body'], answers)}${example(firstContent(operation))}</article>`
  );
}

function firstContent({ responses }: Operation): Json | undefined {
  const [, answer] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? [];
  return asObject(answer)['content'];
}

function webhooksPart(document: OpenApiDocument): string {
  const [first] = Object.values(document.webhooks);
  const { description, requestBody } = asObject(asObject(first)['post']);
  const types = Object.keys(document.webhooks).map((type) => `<code>${escape(type)}</code>`);
  return `<p>${text(description)}</p><p>${types.join(' ')}</p>${example(asObject(requestBody)['content'])}`;
}

function schemasPart({ components }: OpenApiDocument): string {
  const parts = Object.entries(asObject(components['schemas'])).map(([name, schema]) => {
    const { properties, required } = asObject(schema);
    const rows = Object.entries(asObject(properties)).map(([field, value]) => [
      code(field),
      code(typeWords(value)),
      Array.isArray(required) && required.includes(field) ? 'always' : '',
      text(asObject(value)['description']),
    ]);
    return `<article id="schema-${escape(name)}"><h3>${escape(name)}</h3>${table(['Field', 'Type', '', ''], rows)}</article>`;
  });
  return `<section id="schemas"><h2>Schemas</h2>${parts.join('')}</section>`;
}

/** `string`, `PENDING | SUCCESS`, `Payment[]`. */
function typeWords(schema: Json | undefined): string {
  const { $ref, type, enum: words, const: only, items, format } = asObject(schema);
  if (typeof $ref === 'string') return $ref.split('/').at(-1) ?? '';
  if (Array.isArray(words)) return words.map(asText).join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  if (items !== undefined) return `${typeWords(items)}[]`;
  const name = [type ?? 'any'].flat().map(asText).join(' | ');
  return format === undefined ? name : `${name} (${asText(format)})`;
}

function bodyWords(content: Json | undefined): string {
  return Object.entries(asObject(content))
    .map(([type, media]) => {
      const schema = typeWords(asObject(media)['schema']);
      const codes = Object.keys(asObject(asObject(media)['examples'])).map((one) => code(one));
      return `${escape(type)} ${codes.length > 0 ? codes.join(', ') : code(schema)}`;
    })
    .join('<br>');
}

function example(content: Json | undefined): string {
  const [first] = Object.values(asObject(content));
  const { example: value } = asObject(first);
  if (value === undefined) return '';
  const shown = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return `<pre tabindex="0">${escape(shown)}</pre>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((one) => `<th scope="col">${one}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((one) => `<td>${one}</td>`).join('')}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** A reference within the document; anything else is itself. */
function resolve(value: JsonObject, document: OpenApiDocument): JsonObject {
  const { $ref } = value;
  if (typeof $ref !== 'string') return value;
  const [kind = '', name = ''] = $ref.split('/').slice(-2);
  return asObject(asObject(document.components[kind])[name]);
}

function asObject(value: Json | Answer | undefined): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  // Proven by the line above: an answer of the document is JSON as well.
  return isObject ? (value as JsonObject) : {};
}

const idOf = (tag: JsonObject): string => `tag-${asText(tag['name']).replaceAll(/\W/g, '-')}`;

const code = (value: Json | undefined): string => `<code>${escape(value)}</code>`;

/** The little of Markdown that our sentences use. */
function text(value: Json | undefined): string {
  return escape(value)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
}

function paragraphs(value: Json | undefined): string {
  const [first = '', ...rest] = asText(value).split(/\n(?=- )/);
  return `<p>${text(first)}</p><ul>${rest.map((one) => `<li>${text(one.slice(2))}</li>`).join('')}</ul>`;
}

function escape(value: Json | undefined): string {
  return asText(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function asText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
