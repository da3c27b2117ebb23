import { escapeHtml } from '../kernel/escape-html.ts';

const ICON = 17;
/** About what a letter takes of 11 px. */
const LETTER = 7;

/** A badge as SVG, 20 px high: the name on grey at the left, the text on its colour at the right (spec 23). */
export function presentBadge(parts: { name: string; icon: boolean; text: string; colour: string }): string {
  const textAt = parts.icon ? ICON + LETTER : LETTER;
  const left = textAt + parts.name.length * LETTER + 1;
  const right = parts.text.length * LETTER + 11;
  const width = left + right;
  const twice = (x: number, text: string) =>
    `<text x="${x}" y="15" fill="#010101" fill-opacity=".3">${escapeHtml(text)}</text>` +
    `<text x="${x}" y="14">${escapeHtml(text)}</text>`;
  const icon = parts.icon ? '<image x="5" y="3" width="14" height="14" href="/assets/favicon.svg"/>' : '';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20">` +
    '<linearGradient id="b" x2="0" y2="100%"><stop offset="0" stop-color="#bbb" stop-opacity=".1"/>' +
    '<stop offset="1" stop-opacity=".1"/></linearGradient>' +
    `<mask id="a"><rect width="${width}" height="20" rx="3" fill="#fff"/></mask><g mask="url(#a)">` +
    `<path fill="#555" d="M0 0h${left}v20H0z"/><path fill="${parts.colour}" d="M${left} 0h${right}v20H${left}z"/>` +
    `<path fill="url(#b)" d="M0 0h${width}v20H0z"/></g>${icon}` +
    '<g fill="#fff" font-family="DejaVu Sans,Verdana,Geneva,sans-serif" font-size="11">' +
    `${twice(textAt, parts.name)}${twice(left + LETTER, parts.text)}</g></svg>`
  );
}
