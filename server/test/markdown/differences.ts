/**
 * The messages of the corpus of which our tree differs from that of the published parser, by reason; docs/markdown.md explains them.
 * A test fails when one of them does not differ any more.
 */
export const DIFFERENCES: Readonly<Record<string, readonly string[]>> = {
  textKept: ['a@@b.co', 'mailto:a@b.zz', '.@@u😀'],
  mail: ['a@-b.co', 'xmailto:a@b.co'],
  glued: [
    'done-@eve:matrix.org-readme.md-~2**10 != not~\n#### it 你好 snake_case —\n> - @user_1, @bob@other.org, done <http://localhost:3000/admin|*on 50% is*>?',
    '#general/<3/ftp://files.example.net/a.zip/://@bob@other.org',
    '<t:1708551317>-alice@example.com-:-(-<t:1708551317>-^2',
    '@josé-<div>-to-__~2.0.1 世界 2.0.1~ 会議__-`@all`',
    '🇫🇷-@rocket.cat-🇫🇷-@bob.smith-bob.smith+tag@mail.example.co.uk',
    '`@all`it@eve:matrix.org_see |_',
    '-**etc. see it** Übung index.html @carol-ann\r\n-~~@alice~~ #überraschung, https://user:secret@example.com/) main.\r\n-alice@example.com, — ~~&& 会議! дела~~: https://example.com,\r\n-@rocket.cat',
    '**a**) color:#fff ~~世界 #1~~ :D. please *don’t the: #überraschung\n+(44)2071234567) example.com/a_b_c: don’t\ndone@eve:matrix.org||@bob@other.org안녕',
    '##### "quoted" foo() some_long_name\n||\n"quoted" ||secret||\n||\nyou, *done*, x=y\n+(44)2071234567-a-@rocket.cat-*see~\n>> a/b –)\n> - @josé ![C++ you](https://chat.example.com/channel/general?msg=abcDEF123) привет!',
    '~5([*ありがとう*](index.html)(e.g.(||(#überraschung',
  ],
  shortcode: ['+(44)2071234567! ~@all,~; [ ](readme.md) — done. bar(1,2) _50%... :rocket: [_check**]()_'],
};
