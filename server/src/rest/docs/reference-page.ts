import { escapeHtml } from '../../kernel/escape-html.ts';
import type { OpenApiDocument, Operation } from '../openapi.ts';
import type { Compatibility, Counts, Entry } from './compatibility.ts';
import { SCRIPT, STYLE } from './reference-assets.ts';
import { memberHtml, membersHtml } from './schema-html.ts';

/** The API reference as one page that needs nothing else: no other address, and no script to be read. */
export function referencePage(document: OpenApiDocument, compatibility: Compatibility): string {
  const byTag = operationsByTag(document);
  const areas = [...byTag].map(([tag, operations]) => areaHtml(tag, operations));
  const links = [...byTag].map(
    ([tag, { length }]) =>
      `<li><a href="#area-${escapeHtml(tag)}">${escapeHtml(tag)} <small>${length}</small></a></li>`,
  );
  const title = `${escapeHtml(document.info.title)} ${escapeHtml(document.info.version)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title><style>${STYLE}</style></head><body>
<a class="skip" href="#content">To the content</a>
<header><h1>${title}</h1>
<p><a href="/api/docs/openapi.json">OpenAPI document</a> <a href="/api/docs/compatibility.json">Compatibility data</a></p>
<label hidden id="search">Find an endpoint <input type="search" autocomplete="off" spellcheck="false"></label></header>
<nav aria-label="Areas"><ul><li><a href="#use">How to call it</a></li>${links.join('')}<li><a href="#realtime">Realtime API</a></li></ul></nav>
<main id="content">${introduction(document, compatibility)}${areas.join('')}${realtimeHtml(compatibility)}
<p id="nothing" role="status" hidden>No endpoint has that in its path or description.</p></main>
<script>${SCRIPT}</script></body></html>`;
}

interface Listed {
  method: string;
  path: string;
  operation: Operation;
}

function operationsByTag({ paths, tags }: OpenApiDocument): Map<string, Listed[]> {
  const byTag = new Map<string, Listed[]>(tags.map(({ name }) => [name, []]));
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations))
      byTag.get(operation.tags[0])?.push({ method, path, operation });
  }
  return byTag;
}

function introduction({ servers }: OpenApiDocument, compatibility: Compatibility): string {
  const address = servers[0]?.url ?? '';
  const example = [
    `curl ${address}/api/v1/login -H 'content-type: application/json' \\`,
    `  -d '{"user": "alice", "password": "..."}'`,
    `curl ${address}/api/v1/me -H 'X-User-Id: ...' -H 'X-Auth-Token: ...'`,
  ].join('\n');
  const row = (name: string, { works, partly, missing }: Counts) =>
    `<tr><th scope="row">${name}</th><td>${works}</td><td>${partly}</td><td>${missing}</td></tr>`;
  return `<section id="use"><h2>How to call it</h2>
<p>Send the <code>userId</code> and <code>authToken</code> of a login, or a personal access token, in two headers. Answers are JSON
and say <code>"success": true</code>; refusals say <code>false</code>, with <code>error</code> for people and
<code>errorType</code> for programs.</p><pre><code>${escapeHtml(example)}</code></pre>
<p>How much of the Rocket.Chat API is there, what its documentation leaves out included:</p>
<table><thead><tr><td></td><th scope="col">works</th><th scope="col">partly</th><th scope="col">missing</th></tr></thead><tbody>
${row('REST endpoints', compatibility.endpoints.counts)}${row('Realtime methods', compatibility.methods.counts)}${row('Streams', compatibility.streams.counts)}
</tbody></table></section>`;
}

function areaHtml(tag: string, operations: readonly Listed[]): string {
  const name = escapeHtml(tag);
  return `<section class="area" id="area-${name}"><h2>${name}</h2>${operations.map(operationHtml).join('')}</section>`;
}

function operationHtml({ method, path, operation }: Listed): string {
  const { summary, description, deprecated } = operation;
  const marks = [
    deprecated ? '<span class="mark">deprecated</span>' : '',
    description?.includes('Partly implemented') ? '<span class="mark">partly</span>' : '',
  ];
  const paragraphs = (description ?? '').split('\n\n').filter((text) => text !== '');
  return `<details id="${escapeHtml(`${method}-${path}`)}"><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code>
${marks.join('')}<span class="about">${escapeHtml(summary)}</span></summary><div>
${paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('')}<p>${loginText(operation)}</p>${inputHtml(operation)}${outputHtml(operation)}</div></details>`;
}

function loginText({ security }: Operation): string {
  const isOpen = security.some((way) => Object.keys(way).length === 0);
  return isOpen ? 'Also for callers who are not logged in.' : 'For callers who are logged in.';
}

function inputHtml({ parameters = [], requestBody }: Operation): string {
  const places = (['path', 'query', 'header'] as const).map((place) => {
    const members = parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, schema, required }) => memberHtml(name, schema, required));
    return members.length === 0 ? '' : `<h3>In the ${place}</h3><ul>${members.join('')}</ul>`;
  });
  const bodies = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<h3>Body, ${escapeHtml(type)}</h3>${membersHtml(schema)}`,
  );
  return places.concat(bodies).join('');
}

function outputHtml({ responses }: Operation): string {
  const content = responses['200']?.content ?? {};
  const members = Object.values(content).map(({ schema }) => {
    const isOpen = schema.allOf?.some((part) => part.additionalProperties === true);
    return `${membersHtml(schema)}${isOpen ? '<p>Its other members are not described here.</p>' : ''}`;
  });
  const others = Object.entries(responses).filter(([status]) => status !== '200');
  const refusals = others.map(
    ([status, { description }]) => `<li><code>${status}</code> ${escapeHtml(description)}</li>`,
  );
  return `<h3>Answer</h3>${members.join('')}<h3>Refusals</h3><ul>${refusals.join('')}</ul>`;
}

function realtimeHtml({ methods, streams }: Compatibility): string {
  return `<section id="realtime"><h2>Realtime API</h2><p>DDP over WebSocket, at <code>/websocket</code> (and SockJS, at
<code>/sockjs</code>). Methods can be called over REST too, with <code>method.call</code>.</p>
<h3>Methods</h3>${entriesHtml(methods.methods)}<h3>Streams</h3>${entriesHtml(streams.streams)}</section>`;
}

function entriesHtml(entries: readonly Entry[]): string {
  const shown = entries.map(({ name, state, note }) => {
    const mark = state === 'works' ? '' : ` <span class="mark">${state}</span>`;
    return `<li><code>${escapeHtml(name)}</code>${mark}${note ? ` ${escapeHtml(note)}` : ''}</li>`;
  });
  return `<ul>${shown.join('')}</ul>`;
}
