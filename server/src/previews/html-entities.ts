/** Those that turn up in titles and descriptions; the others are left as they are written. */
const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', shy: '' },
  ...{ hellip: '…', ndash: '–', mdash: '—', bull: '•', middot: '·', laquo: '«', raquo: '»', trade: '™' },
  ...{ lsquo: '‘', rsquo: '’', sbquo: '‚', ldquo: '“', rdquo: '”', bdquo: '„', lsaquo: '‹', rsaquo: '›' },
  ...{ copy: '©', reg: '®', deg: '°', euro: '€', pound: '£', yen: '¥', cent: '¢', sect: '§', para: '¶' },
  ...{ auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß', aring: 'å', Aring: 'Å' },
  ...{ agrave: 'à', aacute: 'á', acirc: 'â', atilde: 'ã', aelig: 'æ', AElig: 'Æ', ccedil: 'ç', Ccedil: 'Ç' },
  ...{ egrave: 'è', eacute: 'é', ecirc: 'ê', euml: 'ë', Eacute: 'É', Egrave: 'È', Agrave: 'À', Aacute: 'Á' },
  ...{ igrave: 'ì', iacute: 'í', icirc: 'î', iuml: 'ï', ntilde: 'ñ', Ntilde: 'Ñ', oslash: 'ø', Oslash: 'Ø' },
  ...{ ograve: 'ò', oacute: 'ó', ocirc: 'ô', otilde: 'õ', ugrave: 'ù', uacute: 'ú', ucirc: 'û', yacute: 'ý' },
  ...{ times: '×', divide: '÷', plusmn: '±', frac12: '½', frac14: '¼', rarr: '→', larr: '←', iexcl: '¡' },
};

const MAX_CODE_POINT = 0x10ffff;

export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([A-Za-z][A-Za-z\d]{1,7}));/g,
    (whole, ...found) => {
      const [decimal, hex, name] = found as (string | undefined)[];
      if (name !== undefined) return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? whole) : whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      const isCharacter = code > 0 && code <= MAX_CODE_POINT && (code < 0xd800 || code > 0xdfff);
      return isCharacter ? String.fromCodePoint(code) : '\ufffd';
    },
  );
}
