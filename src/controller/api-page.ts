import type { OpenApiDocument } from '../api/openapi.ts'

/** The OpenAPI document for eyes: one page of plain HTML that loads nothing from anywhere. */
export function apiPage({ info, paths }: OpenApiDocument): string {
  const sections = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, description, parameters, requestBody, responses }]) => {
      const rows = parameters.map(
        ({ name, in: place, required, schema }) =>
          `<tr><td><code>${text(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td><code>${text(JSON.stringify(schema))}</code></td></tr>`,
      )
      return [
        `<section id="${text(`${method}${path}`)}">`,
        `<h2><b>${method.toUpperCase()}</b> <code>${text(path)}</code></h2>`,
        `<p>${text(summary)}. ${text(description)}</p>`,
        ...(rows.length === 0 ? [] : [`<table>${rows.join('')}</table>`]),
        ...(requestBody === undefined ? [] : [details('Request body', requestBody)]),
        details('Answer', pick(responses, '200')),
        '</section>',
      ].join('\n')
    }),
  )
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(info.title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.3rem; border-top: 1px solid #8886; padding-top: 1rem; }
pre { overflow: auto; background: #8882; padding: 0.7rem; font-size: 0.8rem; }
td { padding: 0.1rem 1rem 0.1rem 0; vertical-align: top; }
</style>
<h1>${text(info.title)} ${text(info.version)}</h1>
<p>Every request carries <code>Authorization: Bearer TOKEN</code>. ${text(info.description)}
The document for programs: <a href="/openapi.json">/openapi.json</a>. Every refusal has one shape:
<code>{ error: { code, message, hint?, details? } }</code>.</p>
${sections.join('\n')}
</html>
`
}

const details = (title: string, value: unknown): string =>
  `<details><summary>${title}</summary><pre>${text(JSON.stringify(value, undefined, 2))}</pre></details>`

const pick = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

const text = (raw: string): string =>
  raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
