import { escapeHtml } from '../kernel/escape-html.ts';

/** The values of a template by the name that stands in brackets there. */
export type TemplateValues = Readonly<Record<string, string>>;

/** Fills `[name]`s of a plain text, such as a subject. Names that nobody gave stay as they are. */
export const fillText = (template: string, values: TemplateValues): string =>
  template.replace(
    /\[(\w+)\]/g,
    (whole, name: string) => (Object.hasOwn(values, name) ? values[name] : whole) ?? whole,
  );

/** Fills `[name]`s of HTML: what people typed must not become markup. */
export const fillHtml = (template: string, values: TemplateValues): string =>
  fillText(
    template,
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, escapeHtml(value)])),
  );

/** What a reader without HTML sees: lines for blocks, addresses of links after their text. */
export function plainText(html: string): string {
  return html
    .replace(/<(style|script)\b[^>]*>.*?<\/\1>/gis, '')
    .replace(/<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gis, (_, href: string, shown: string) =>
      shown.includes(href) ? shown : `${shown} (${href})`,
    )
    .replace(/<br\s*\/?>|<\/(p|div|h[1-6]|li|tr)>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
