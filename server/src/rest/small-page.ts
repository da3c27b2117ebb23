import { escapeHtml } from '../kernel/escape-html.ts';
import { hashSource, pageHeaders } from './page-headers.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:32rem;margin:4rem auto;padding:0 1.5rem}' +
  'code{overflow-wrap:anywhere}li{margin:.5rem 0}button{font:inherit;padding:.5rem 1rem}';

/** A page that says something to whoever has only a browser. `text` is HTML, the title is not. */
export const smallPage = (title: string, text: string): string => {
  const name = escapeHtml(title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>${name}</title>
<style>${STYLE}</style></head><body><main><h1>${name}</h1>${text}</main></body></html>`;
};

const headersOf = (formAction: 'none' | 'self') => ({
  ...pageHeaders(`style-src ${hashSource(STYLE)}; form-action '${formAction}'`),
  'cache-control': 'no-store',
});

export const SMALL_PAGE_HEADERS = headersOf('none');
/** Of a page with a button. */
export const SMALL_FORM_HEADERS = headersOf('self');
