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
  const list = (value) => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
  const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  const characters = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', cent: '¢', pound: '£' };
  Object.assign(characters, { yen: '¥', euro: '€', copy: '©', reg: '®' });
  const letters = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', þ: 'th', Æ: 'AE', Œ: 'OE' };
  Object.assign(letters, { Ø: 'O', Đ: 'D', Ð: 'D', Ł: 'L', Þ: 'TH' });
  const literal = (text) => str(text).replace(/[.*+?^$|()[\]{}\\/-]/g, '\\$&');
  const spaces = (given) => (given === undefined || given === null ? '\\s' : '[' + literal(given) + ']');
  const within = (position, length) => Math.min(Math.max(Math.trunc(Number(position) || 0), 0), length);
  const fill = (text, length, sign) => (str(sign).charAt(0) || ' ').repeat(Math.max(0, length - str(text).length));

  const trim = (text, set) => ltrim(rtrim(text, set), set);
  const ltrim = (text, set) => str(text).replace(new RegExp('^' + spaces(set) + '+'), '');
  const rtrim = (text, set) => str(text).replace(new RegExp(spaces(set) + '+$'), '');
  const decapitalize = (text) => str(text).charAt(0).toLowerCase() + str(text).slice(1);
  const capitalize = (text, lower) =>
    str(text).charAt(0).toUpperCase() + (lower ? str(text).slice(1).toLowerCase() : str(text).slice(1));
  const camelize = (text, lower) => {
    const joined = trim(text).replace(/[-_\s]+(.)?/g, (_, next) => (next ?? '').toUpperCase());
    return lower ? decapitalize(joined) : joined;
  };
  const dasherize = (text) =>
    trim(text).replace(/([A-Z])/g, '-$1').replace(/[-_\s]+/g, '-').toLowerCase();
  const underscored = (text) =>
    trim(text).replace(/([a-z\d])([A-Z]+)/g, '$1_$2').replace(/[-\s]+/g, '_').toLowerCase();
  const cleanDiacritics = (text) =>
    str(text).normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[^\0-\x7f]/g, (sign) => letters[sign] ?? sign);
  const lpad = (text, length, sign) => fill(text, length, sign) + str(text);
  const rpad = (text, length, sign) => str(text) + fill(text, length, sign);
  const splice = (text, at, count, other) => {
    const signs = [...str(text)];
    signs.splice(at, count, other);
    return signs.join('');
  };
  const surround = (text, wrapper) => [wrapper, text, wrapper].map(str).join('');
  const sentence = (given, separator = ', ', last = ' and ', serial = false) => {
    const parts = [...list(given)];
    const end = parts.pop();
    const before = serial && parts.length > 1 ? separator.trimEnd() + last : last;
    return parts.length === 0 ? str(end) : parts.join(separator) + before + str(end);
  };
  /** What lies before or behind the first or the last place of a separator; the whole text where there is none. */
  const side = (text, separator, find, before) => {
    const source = str(text);
    const at = separator === undefined || separator === '' ? -1 : source[find](str(separator));
    if (at < 0) return source;
    return before ? source.slice(0, at) : source.slice(at + str(separator).length);
  };
  const numberFormat = (number, decimals = 0, point = '.', comma = ',') => {
    if (number === null || number === undefined || Number.isNaN(Number(number))) return '';
    const [whole, rest] = Number(number).toFixed(within(decimals, 20)).split('.');
    return whole.replace(/\B(?=(\d{3})+$)/g, comma) + (rest === undefined ? '' : point + rest);
  };
  const levenshtein = (one, other) => {
    const [from, to] = [str(one), str(other)];
    let row = Array.from({ length: to.length + 1 }, (_, index) => index);
    for (let i = 1; i <= from.length; i++) {
      const next = [i];
      for (let j = 1; j <= to.length; j++) {
        const changed = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
        next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
      }
      row = next;
    }
    return row[to.length];
  };
  const naturalCmp = (one, other) => {
    const [from, to] = [one, other].map((text) => str(text).toLowerCase().match(/\d+|\D+/g) ?? []);
    for (let index = 0; index < Math.min(from.length, to.length); index++) {
      const [a, b] = [from[index], to[index]];
      const difference = Number(a) - Number(b);
      if (!Number.isNaN(difference) && difference !== 0) return difference < 0 ? -1 : 1;
      if (Number.isNaN(difference) && a !== b) return a < b ? -1 : 1;
    }
    return Math.sign(from.length - to.length) || (str(one) === str(other) ? 0 : str(one) < str(other) ? -1 : 1);
  };
  const vsprintf = (format, values) => {
    let next = 0;
    return str(format).replace(/%(?:%|(\d+)\$|\((\w+)\))?([+])?(0|'[^$])?(-)?(\d+)?(?:\.(\d+))?([bcdeufosxX])?/g,
      (whole, at, name, plus, pad, left, width, precision, kind) => {
        if (whole === '%%') return '%';
        if (!kind) return whole;
        const value = name ? values[0]?.[name] : at ? values[at - 1] : values[next++];
        const number = Number(value);
        const written = {
          b: () => Math.trunc(number).toString(2),
          c: () => String.fromCharCode(number),
          d: () => String(Math.trunc(number)),
          e: () => number.toExponential(...(precision ? [Number(precision)] : [])),
          u: () => String(number >>> 0),
          f: () => (precision ? number.toFixed(Number(precision)) : String(number)),
          o: () => Math.trunc(number).toString(8),
          s: () => (precision ? str(value).slice(0, Number(precision)) : str(value)),
          x: () => Math.trunc(number).toString(16),
          X: () => Math.trunc(number).toString(16).toUpperCase(),
        }[kind]();
        const signed = plus && 'df'.includes(kind) && number >= 0 ? '+' + written : written;
        const sign = pad ? pad.replace("'", '') : ' ';
        return left ? rpad(signed, Number(width ?? 0), sign) : lpad(signed, Number(width ?? 0), sign);
      },
    );
  };
  /** Whole words only, where the text is cut. */
  const prune = (text, length, end = '...') => {
    const source = str(text);
    if (source.length <= length) return source;
    const cut = source.slice(0, length + 1).replace(/\S*$/, '').replace(/[\s\p{P}]+$/u, '');
    return (cut + end).length > source.length ? source : cut + end;
  };
  const wrap = (text, { width = 75, seperator = '\n', cut = false } = {}) => {
    if (cut) return (str(text).match(new RegExp('[\\s\\S]{1,' + within(width, 10000) + '}', 'g')) ?? []).join(seperator);
    const lines = [''];
    for (const word of str(text).split(' ')) {
      const line = lines[lines.length - 1];
      if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
      else lines[lines.length - 1] = line === '' ? word : line + ' ' + word;
    }
    return lines.join(seperator);
  };
  const dedent = (text) => {
    const indents = str(text).match(/^[ \t]*(?=\S)/gm) ?? [];
    const least = Math.min(...indents.map((indent) => indent.length));
    return indents.length === 0 ? str(text) : str(text).replace(new RegExp('^[ \\t]{' + least + '}', 'gm'), '');
  };
  const TRUE = ['true', '1', 'yes', 'on'];
  const helpers = {
    trim, ltrim, rtrim, capitalize, decapitalize, camelize, dasherize, underscored, cleanDiacritics,
    lpad, rpad, splice, surround, numberFormat, levenshtein, naturalCmp, vsprintf, prune, wrap, dedent,
    isBlank: (text) => str(text).trim() === '',
    stripTags: (text) => str(text).replace(/<\/?[^>]+>/g, ''),
    clean: (text) => str(text).trim().replace(/\s\s+/g, ' '),
    chop: (text, size) => (size > 0 ? str(text).match(new RegExp('[\\s\\S]{1,' + Math.trunc(size) + '}', 'g')) ?? [] : [str(text)]),
    count: (text, part) => (str(part) === '' ? 0 : str(text).split(str(part)).length - 1),
    chars: (text) => [...str(text)],
    swapCase: (text) => str(text).replace(/\S/g, (sign) => (sign === sign.toUpperCase() ? sign.toLowerCase() : sign.toUpperCase())),
    escapeHTML: (text) => str(text).replace(/[&<>"']/g, (sign) => escapes[sign]),
    unescapeHTML: (text) =>
      str(text).replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
        const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
        return name ? characters[name] ?? whole : code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      }),
    insert: (text, at, other) => splice(text, at, 0, other),
    replaceAll: (text, from, to, ignoringCase) =>
      str(text).replace(new RegExp(literal(from), ignoringCase ? 'gi' : 'g'), () => str(to)),
    include: (text, part) => str(text).includes(str(part)),
    join: (separator, ...parts) => parts.map(str).join(str(separator)),
    lines: (text) => str(text).split(/\r\n?|\n/),
    reverse: (text) => [...str(text)].reverse().join(''),
    startsWith: (text, start, at) => str(text).startsWith(str(start), within(at, str(text).length)),
    endsWith: (text, end, at) => str(text).endsWith(str(end), at === undefined ? str(text).length : within(at, str(text).length)),
    pred: (text) => str(text).slice(0, -1) + String.fromCharCode(str(text).charCodeAt(str(text).length - 1) - 1),
    succ: (text) => str(text).slice(0, -1) + String.fromCharCode(str(text).charCodeAt(str(text).length - 1) + 1),
    titleize: (text) => str(text).toLowerCase().replace(/(?:^|\s|-)\S/g, (start) => start.toUpperCase()),
    classify: (text) => capitalize(camelize(str(text).replace(/[\W_]/g, ' ')).replace(/\s/g, '')),
    humanize: (text) => capitalize(trim(underscored(text).replace(/_id$/, '').replace(/_/g, ' '))),
    words: (text, delimiter) => (str(text).trim() === '' ? [] : trim(text, delimiter).split(delimiter ?? /\s+/)),
    truncate: (text, length, end = '...') => (str(text).length > length ? str(text).slice(0, length) + end : str(text)),
    lrpad: (text, length, sign) => {
      const missing = Math.max(0, length - str(text).length);
      return rpad(lpad(text, str(text).length + Math.ceil(missing / 2), sign), length, sign);
    },
    sprintf: (format, ...values) => vsprintf(format, values),
    toNumber: (text, decimals = 0) => {
      const source = str(text).trim();
      const number = /^-?\d+(?:\.\d+)?$/.test(source) ? Number(Number(source).toFixed(within(decimals, 20))) : Number.NaN;
      return source === '' ? 0 : number;
    },
    toBoolean: (text, yes = TRUE, no = ['false', '0', 'no', 'off']) => {
      const means = (one) => (one instanceof RegExp ? one.test(str(text)) : str(one).toLowerCase() === trim(text).toLowerCase());
      return typeof text !== 'string' ? Boolean(text) : list(yes).some(means) ? true : list(no).some(means) ? false : undefined;
    },
    strRight: (text, separator) => side(text, separator, 'indexOf', false),
    strRightBack: (text, separator) => side(text, separator, 'lastIndexOf', false),
    strLeft: (text, separator) => side(text, separator, 'indexOf', true),
    strLeftBack: (text, separator) => side(text, separator, 'lastIndexOf', true),
    toSentence: (parts, separator, last) => sentence(parts, separator, last),
    toSentenceSerial: (parts, separator, last) => sentence(parts, separator, last, true),
    slugify: (text) =>
      trim(dasherize(cleanDiacritics(text).replace(/[^\w\s-]/g, '-').toLowerCase()), '-'),
    quote: (text, sign = '"') => surround(text, sign),
    unquote: (text, sign = '"') =>
      str(text).length > 1 && str(text).startsWith(sign) && str(text).endsWith(sign) ? str(text).slice(1, -1) : text,
    repeat: (text, times, between) =>
      between === undefined ? str(text).repeat(within(times, 1e6)) : Array(within(times, 1e6)).fill(text).join(between),
    map: (text, change) => str(text).replace(/./g, change),
  };
  Object.assign(helpers, {
    strip: trim, lstrip: ltrim, rstrip: rtrim, center: helpers.lrpad, rjust: lpad, ljust: rpad,
    contains: helpers.include, q: helpers.quote, toBool: helpers.toBoolean, camelcase: camelize,
  });
  globalThis.s = helpers;

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
