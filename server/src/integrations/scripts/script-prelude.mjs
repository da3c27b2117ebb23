/**
 * What a script finds in its sandbox besides JavaScript itself: `console`, `Store`, `fetch` and `s` (spec 31 §3.1). Runs inside the
 * sandbox, before the script. `host` is all that leads out, and no script can reach it.
 */
export const PRELUDE = String.raw`(host) => {
  const { parse, stringify } = JSON;
  const shown = (value) => (typeof value === 'string' ? value : stringify(value) ?? String(value));

  globalThis.console = {};
  for (const level of ['log', 'debug', 'info', 'warn', 'error']) {
    console[level] = (...values) => host.log(level, values.map(shown).join(' '));
  }

  const kept = new Map();
  globalThis.Store = {
    set(name, value) {
      kept.set(name, value);
      return value;
    },
    get: (name) => kept.get(name),
  };

  const waiting = new Map();
  let fetches = 0;
  globalThis.fetch = (url, { method, headers, body } = {}) =>
    new Promise((resolve, reject) => {
      const id = ++fetches;
      waiting.set(id, { resolve, reject });
      const text = body === undefined || body === null ? undefined : shown(body);
      host.fetch(id, stringify({ url: String(url), method, headers, body: text }));
    });

  function responseOf({ status, url, headers, body }) {
    return {
      ok: status >= 200 && status < 300,
      status,
      url,
      headers: { get: (name) => headers[String(name).toLowerCase()] ?? null, ...headers },
      text: async () => body,
      json: async () => parse(body),
    };
  }

  const str = (value) => (value === undefined || value === null ? '' : String(value));
  const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  const dasherize = (text) =>
    str(text).trim().replace(/([A-Z])/g, '-$1').replace(/[-_\s]+/g, '-').toLowerCase();
  globalThis.s = {
    trim: (text) => str(text).trim(),
    ltrim: (text) => str(text).trimStart(),
    rtrim: (text) => str(text).trimEnd(),
    capitalize: (text) => str(text).charAt(0).toUpperCase() + str(text).slice(1),
    decapitalize: (text) => str(text).charAt(0).toLowerCase() + str(text).slice(1),
    titleize: (text) => str(text).toLowerCase().replace(/(^|\s|-)\S/g, (start) => start.toUpperCase()),
    camelize: (text) => str(text).trim().replace(/[-_\s]+(.)?/g, (_, next) => (next ?? '').toUpperCase()),
    dasherize,
    underscored: (text) => dasherize(text).replace(/^-/, '').replaceAll('-', '_'),
    slugify: (text) =>
      dasherize(str(text).normalize('NFKD').replace(/[^\w\s-]/g, '').toLowerCase()).replace(/^-|-$/g, ''),
    startsWith: (text, start) => str(text).startsWith(start),
    endsWith: (text, end) => str(text).endsWith(end),
    include: (text, part) => str(text).includes(part),
    contains: (text, part) => str(text).includes(part),
    isBlank: (text) => str(text).trim() === '',
    words: (text) => str(text).trim().split(/\s+/).filter((word) => word !== ''),
    lines: (text) => str(text).split(/\r\n?|\n/),
    chars: (text) => [...str(text)],
    reverse: (text) => [...str(text)].reverse().join(''),
    repeat: (text, times) => str(text).repeat(times),
    replaceAll: (text, from, to) => str(text).split(from).join(to),
    truncate: (text, length, end = '...') =>
      str(text).length > length ? str(text).slice(0, length) + end : str(text),
    lpad: (text, length, fill) => str(text).padStart(length, fill),
    rpad: (text, length, fill) => str(text).padEnd(length, fill),
    stripTags: (text) => str(text).replace(/<\/?[^>]+>/g, ''),
    escapeHTML: (text) => str(text).replace(/[&<>"']/g, (sign) => escapes[sign]),
  };

  let instance;
  const described = (error) => ({
    name: str(error?.name) || 'Error',
    message: str(error?.message ?? error),
    stack: str(error?.stack),
  });
  return {
    adopt(made) {
      instance = made;
    },
    async call(method, argument) {
      try {
        if (typeof instance[method] !== 'function') return host.done('missing', '');
        const value = await instance[method](parse(argument));
        host.done('returned', stringify(value) ?? 'null');
      } catch (error) {
        host.done('threw', stringify(described(error)));
      }
    },
    settle(id, text) {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      const answer = parse(text);
      if (answer.error !== undefined) reject(new TypeError(answer.error));
      else resolve(responseOf(answer));
    },
  };
}`;
